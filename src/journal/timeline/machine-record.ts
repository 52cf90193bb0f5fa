import type { Asker } from '../../boot/client.ts';
import { type Boot, newBoot } from './boot.ts';
import type { Attempt, Machine, MachineSummary } from './model.ts';
import type { Surroundings } from './surroundings.ts';

/** How much is kept. */
export interface Limits {
  readonly machines: number;
  /** Of each machine. */
  readonly attempts: number;
  /** Of each attempt. */
  readonly steps: number;
}

/** An attempt and what was last made of it. */
export interface Judged {
  readonly boot: Boot;
  attempt?: Attempt;
  /** Something was told of it since it was judged. */
  stale: boolean;
  /** Stages whose end was told already, so that each is told once. */
  readonly told: Set<string>;
}

/** One machine: its attempts, the oldest first. */
export class MachineRecord {
  readonly mac: string;
  readonly attempts: Judged[] = [];
  hostName?: string;
  address?: string;
  seen = 0;
  lastBoot?: { at: number; duration: number };
  /** Its summary as it was when it was last asked for, to see whether it has changed. */
  shown = '';

  constructor(mac: string) {
    this.mac = mac;
  }

  get newest(): Judged | undefined {
    return this.attempts.at(-1);
  }

  /** Begins an attempt, which ends the one before. @returns the oldest one, where that is kept no longer. */
  begin(client: Asker, at: number, around: Surroundings, limits: Limits): Judged | undefined {
    const before = this.newest;
    if (before) {
      before.boot.ended ??= { at, by: client.firmware };
      before.stale = true;
    }
    const same = this.attempts.filter(({ boot }) => boot.id.split('-')[0] === String(at)).length;
    const id = same === 0 ? `${at}` : `${at}-${same + 1}`;
    const judged: Judged = {
      boot: newBoot(id, at, client, around, limits.steps),
      stale: true,
      told: new Set(),
    };
    this.attempts.push(judged);
    return this.attempts.length > limits.attempts ? this.attempts.shift() : undefined;
  }

  /** As it was last judged. */
  summary(): MachineSummary {
    const attempt = this.newest?.attempt;
    return {
      mac: this.mac,
      ...(this.hostName === undefined ? {} : { hostName: this.hostName }),
      ...(this.address === undefined ? {} : { address: this.address }),
      seen: this.seen,
      ...(attempt === undefined ? {} : { attempt }),
      ...(this.lastBoot === undefined ? {} : { lastBoot: this.lastBoot }),
      attempts: this.attempts.length,
    };
  }

  full(): Machine {
    const history = this.attempts.flatMap(({ attempt, boot: { steps } }) =>
      attempt ? [{ ...attempt, steps: steps.all(), stepsLeftOut: steps.leftOut }] : [],
    );
    return { ...this.summary(), history: history.reverse() };
  }
}
