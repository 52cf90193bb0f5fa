import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';
import type { Fact } from './facts.ts';

const PROGRAM = fileURLToPath(new URL('./crowd-program.ts', import.meta.url));

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
  readonly #marks = new Map<number, () => void>();
  #marked = 0;

  constructor(host: Host, { adapter, machines, seed, once = false }: CrowdPlan) {
    const args = [PROGRAM, adapter, String(machines), String(seed), ...(once ? ['once'] : [])];
    this.#process = host.spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout! }).on('line', (line) =>
      this.#hear(JSON.parse(line) as Fact),
    );
  }

  /** Resolves when all that had come to a machine by now is among the facts. @throws Error where the program has ended. */
  async mark(): Promise<void> {
    const number = ++this.#marked;
    if (this.#process.exitCode !== null) throw new Error('the crowd has ended');
    await new Promise<void>((resolve) => {
      this.#marks.set(number, resolve);
      this.#process.stdin!.write(`mark ${number}\n`);
    });
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  #hear(fact: Fact): void {
    if (fact.kind === 'mark') this.#marks.get(fact.number)?.();
    else this.facts.push(fact);
  }
}
