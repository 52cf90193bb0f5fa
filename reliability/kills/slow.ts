import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';
import { Transcript } from '../../test/lab/transcript.ts';
import type { How } from './loads.ts';

const PROGRAM = fileURLToPath(new URL('./slow-program.ts', import.meta.url));
const WITHIN_S = 30;

export interface SlowPlan {
  readonly how: How;
  readonly file: string;
  readonly machines: number;
  /** Milliseconds that a machine takes for each window, or piece. */
  readonly pause: number;
}

/** What has become of one machine's file. */
export interface SlowEnd {
  /** whole: it says so itself. refused: a TFTP ERROR, or an HTTP status. silent: nothing came any more. cut: short of its Content-Length. */
  readonly how: 'whole' | 'refused' | 'silent' | 'cut';
  readonly text: string;
  /** Of what came. */
  readonly sha256: string;
}

/** Machines that load one file slowly. */
export class Slow {
  readonly #plan: SlowPlan;
  readonly #log: Transcript;

  constructor(host: Host, server: string, plan: SlowPlan) {
    this.#plan = plan;
    this.#log = new Transcript(`machines that load ${plan.file} by ${plan.how}`);
    const args = [PROGRAM, server, JSON.stringify(plan)];
    const { stdout, stderr } = host.spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#log.follow(stdout, stderr);
  }

  /** Resolves when each machine has something of it. */
  async begun(): Promise<void> {
    await this.#log.until(/^begun$/, { seconds: WITHIN_S });
  }

  /** Resolves when each machine is done. */
  async ends(): Promise<readonly SlowEnd[]> {
    const ends: SlowEnd[] = [];
    for (let from = 0; ends.length < this.#plan.machines; ) {
      const [line] = await this.#log.until(/^\{.*\}$/, { seconds: WITHIN_S, from });
      from = this.#log.lines.indexOf(line, from) + 1;
      ends.push(JSON.parse(line) as SlowEnd);
    }
    return ends;
  }
}
