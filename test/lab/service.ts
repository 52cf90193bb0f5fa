import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Host } from './net.ts';
import { Transcript } from './transcript.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** One of the appliance's services as a process of its own in a host of the lab. */
export class Service {
  readonly log: Transcript;
  readonly #process: ChildProcess;
  readonly #gone: Promise<unknown>;

  /** `environment` is all that the service gets to see, but for PATH. */
  constructor(host: Host, name: string, environment: Readonly<Record<string, string>>) {
    this.log = new Transcript(name);
    this.#process = host.spawn(process.execPath, [MAIN, name], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.log.follow(this.#process.stdout, this.#process.stderr);
    this.#gone = once(this.#process, 'close').then(() => this.log.end());
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Resolves to the exit status, or the signal that ended it, and how many milliseconds that took. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ ended: number | string; milliseconds: number }> {
    const start = performance.now();
    this.#process.kill(signal);
    return { ended: await this.ended(), milliseconds: performance.now() - start };
  }

  /** Waits for the process to end by itself. */
  async ended(): Promise<number | string> {
    await this.#gone;
    return this.#process.exitCode ?? this.#process.signalCode ?? 'unknown';
  }
}
