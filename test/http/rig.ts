import net from 'node:net';
import type { Profile } from '../../src/config/profile.ts';
import { type HttpOptions, type HttpService, startHttp } from '../../src/http/service.ts';
import type { Event } from '../../src/journal/event.ts';
import { Folder } from '../assets/folder.ts';
import { profileOf } from '../profile.ts';

/** A profile for loopback; port 0 lets the kernel choose. */
export function profileFor(images: string, boot: Partial<Profile['boot']> = {}): Profile {
  const base = profileOf();
  return profileOf({
    boot: { ...base.boot, ...boot },
    httpPort: 0,
    paths: { ...base.paths, images },
  });
}

/** The http service on loopback, with a folder of its own. */
export class Rig implements AsyncDisposable {
  readonly images = new Folder();
  readonly events: Event[] = [];
  #service: HttpService | undefined;

  async start(boot: Partial<Profile['boot']> = {}, more: Partial<HttpOptions> = {}): Promise<this> {
    const profile = profileFor(this.images.path, boot);
    this.#service = await startHttp({ profile, sink: (event) => this.events.push(event), ...more });
    return this;
  }

  get service(): HttpService {
    return this.#service!;
  }

  get url(): string {
    return `http://127.0.0.1:${this.service.port}`;
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
    // 'force-cache' keeps fetch() from adding no-cache to conditional requests.
    return fetch(`${this.url}${path}`, { headers, method, cache: 'force-cache' });
  }

  /** Sends bytes over a socket and collects all that comes back until the server hangs up. */
  raw(bytes: string | Uint8Array): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.service.port, '127.0.0.1', () => socket.write(bytes));
      let answer = '';
      socket.setEncoding('latin1');
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
  }

  of<K extends Event['kind']>(kind: K): Extract<Event, { kind: K }>[] {
    return this.events.filter((event): event is Extract<Event, { kind: K }> => event.kind === kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.stop();
    this.images[Symbol.dispose]();
  }
}
