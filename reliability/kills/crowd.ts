import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';
import type { Fact } from './facts.ts';

const PROGRAM = fileURLToPath(new URL('./crowd-program.ts', import.meta.url));

const BEGUN_WITHIN_MS = 20_000;

export interface CrowdPlan {
  readonly adapter: string;
  readonly machines: number;
  readonly seed: number;
  /** Each gets an address and does nothing more. */
  readonly once?: boolean;
}

/** A program of simulated machines in a host of the lab, and what it tells. */
export class Crowd {
  readonly facts: Fact[] = [];
  readonly #process: ChildProcess;
  readonly #marks = new Map<number, PromiseWithResolvers<void>>();
  #marked = 0;

  constructor(host: Host, { adapter, machines, seed, once = false }: CrowdPlan) {
    const args = [PROGRAM, adapter, String(machines), String(seed), ...(once ? ['once'] : [])];
    this.#process = host.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout! }).on('line', (line) =>
      this.#hear(JSON.parse(line) as Fact),
    );
    this.#process.on('exit', () => {
      for (const { reject } of this.#marks.values()) reject(ended());
    });
  }

  /** Resolves when the first machine has been answered. @throws Error where none is. */
  async begun(): Promise<void> {
    const deadline = performance.now() + BEGUN_WITHIN_MS;
    while (this.facts.length === 0) {
      if (performance.now() > deadline) throw new Error('no machine of the crowd was answered');
      await sleep(1);
    }
  }

  /** Resolves when all that had come to a machine by now is among the facts. @throws Error where the program has ended. */
  async mark(): Promise<void> {
    const number = ++this.#marked;
    if (this.#process.exitCode !== null) throw ended();
    const marked = Promise.withResolvers<void>();
    this.#marks.set(number, marked);
    this.#process.stdin!.write(`mark ${number}\n`);
    await marked.promise;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  #hear(fact: Fact): void {
    if (fact.kind === 'mark') this.#marks.get(fact.number)?.resolve();
    else this.facts.push(fact);
  }
}

function ended(): Error {
  return new Error('the program of the crowd has ended');
}
