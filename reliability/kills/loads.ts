import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';

const PROGRAM = fileURLToPath(new URL('./loads-program.ts', import.meta.url));

export type How = 'tftp' | 'http';

/** One file that a machine has loaded, or not. */
export interface Load {
  readonly how: How;
  readonly file: string;
  /** Why it did not come; the machine knows. */
  readonly broke?: string;
  /** Of what came and was taken for the whole file. */
  readonly sha256?: string;
  /** It is a generated script, every byte of it. */
  readonly unedited?: boolean;
}

/** A program that loads files in a host of the lab, and what it tells. */
export class Loads {
  readonly all: Load[] = [];
  readonly #process: ChildProcess;

  constructor(host: Host, server: string, jobs: readonly string[]) {
    this.#process = host.spawn(process.execPath, [PROGRAM, server, ...jobs], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#process.stdout! }).on('line', (line) =>
      this.all.push(JSON.parse(line) as Load),
    );
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }
}
