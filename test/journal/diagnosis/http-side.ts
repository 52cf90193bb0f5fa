import type { Event } from '../../../src/journal/event.ts';
import { bzImage, gzippedCpio } from '../../assets/headers.ts';
import { Rig } from '../../http/rig.ts';
import type { Scene } from './rig.ts';

/** The real http service on loopback, whose events are told as those of a machine at that address. */
export class HttpSide implements AsyncDisposable {
  readonly rig = new Rig();
  readonly #scene: Scene;
  #told = 0;

  private constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** With a kernel and an initrd in images/, unless `files` says otherwise. */
  static async start(
    scene: Scene,
    files: Readonly<Record<string, Uint8Array | string>> = { vmlinuz: bzImage(), 'initrd.img': gzippedCpio },
  ): Promise<HttpSide> {
    const side = new HttpSide(scene);
    for (const [name, content] of Object.entries(files)) side.rig.images.write(name, content);
    await side.rig.start();
    side.#tell('127.0.0.1');
    return side;
  }

  /** A machine fetches one file after the other. @returns the last one's status. */
  async fetch(address: string, ...paths: string[]): Promise<number> {
    let status = 0;
    for (const path of paths) {
      const response = await this.rig.get(path);
      await response.arrayBuffer();
      status = response.status;
      await this.#settled();
      this.#tell(address);
      this.#scene.wait(0.2);
    }
    return status;
  }

  /** A machine that closes the connection after the first bytes of a large file. */
  async hangUp(address: string, path: string): Promise<void> {
    const abort = new AbortController();
    const response = await fetch(`${this.rig.url}${path}`, { signal: abort.signal });
    await response.body!.getReader().read();
    abort.abort();
    await this.#settled();
    this.#tell(address);
  }

  /** The service stops while a machine is in the middle of a large file. */
  async stopDuring(address: string, path: string): Promise<void> {
    const response = await fetch(`${this.rig.url}${path}`);
    const reader = response.body!.getReader();
    await reader.read();
    await this.rig.service.stop();
    await this.#settled();
    this.#tell(address);
    this.#scene.tell('http', { kind: 'config.stopped', service: 'http', signal: 'SIGTERM' });
    await reader.cancel().catch(() => undefined);
  }

  /** A transfer's end is told once its last byte has gone. */
  async #settled(): Promise<void> {
    const open = () =>
      this.rig.of('http.asset.start').length -
      this.rig.of('http.asset.done').length -
      this.rig.of('http.asset.aborted').length;
    for (let tries = 0; tries < 500 && open() > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Hands on what has happened since, as of a machine at that address. */
  #tell(address: string): void {
    const news = this.rig.events.slice(this.#told);
    this.#told = this.rig.events.length;
    for (const event of news) {
      if (event.kind === 'config.serving') continue;
      this.#scene.tell('http', 'address' in event ? ({ ...event, address } as Event) : event);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]();
  }
}
