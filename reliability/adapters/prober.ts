import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';

/** A boot that has worked: address, loader and file. Times are milliseconds since 1970. */
export interface Boot {
  readonly begun: number;
  readonly ended: number;
  /** Who made the offer. */
  readonly server: string;
  readonly address: string;
  /** What TFTP granted where 8,000 were asked for. */
  readonly blockSize: number;
}

const PROGRAM = fileURLToPath(new URL('./prober-program.ts', import.meta.url));

/** A machine that boots again and again. */
export class Prober {
  readonly boots: Boot[] = [];
  readonly #running: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #ready = Promise.withResolvers<void>();

  constructor(host: Host, adapter = 'eth0', mac = '52:54:0a:00:00:01') {
    this.#running = host.spawn(process.execPath, [PROGRAM, adapter, mac], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#running.stdout! }).on('line', (line) => {
      if (line === 'ready') return this.#ready.resolve();
      this.boots.push(JSON.parse(line));
      for (const look of [...this.#waiting]) look();
    });
    this.#running.on('exit', () => this.#ready.resolve());
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** The first boot that was begun since then, from that server; undefined where none comes in time. */
  booted(since: number, isSo: (boot: Boot) => boolean = () => true, seconds = 20): Promise<Boot | undefined> {
    return new Promise((resolve) => {
      const settle = (boot: Boot | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(boot);
      };
      const look = () => {
        const found = this.boots.findLast((boot) => boot.begun >= since && isSo(boot));
        if (found) settle(this.boots.find((boot) => boot.begun >= since && isSo(boot)));
      };
      const timer = setTimeout(() => settle(undefined), seconds * 1000);
      this.#waiting.add(look);
      look();
    });
  }

  stop(): void {
    this.#running.kill('SIGKILL');
  }
}
