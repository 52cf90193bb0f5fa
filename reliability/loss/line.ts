import type { Random } from '../../test/fuzz/random.ts';

/** What a bad cable does to frames, each in its direction; parts of 1. */
export interface Impairment {
  readonly loss: number;
  readonly duplicates: number;
  /** Frames that are overtaken by up to {@link OVERTAKEN_BY} later ones. */
  readonly reordered: number;
}

export const OVERTAKEN_BY = 4;
/** Where nothing follows, what is held back goes on after so many milliseconds. */
const HELD_MS = 10;

interface Held {
  readonly frame: Uint8Array;
  readonly until: number;
  /** Frames that are still to overtake it. */
  overtakers: number;
}

/** One direction of a cable that loses, doubles and holds back frames. Knows no socket and no clock. */
export class Line {
  readonly #impairment: Impairment;
  readonly #random: Random;
  #held: Held[] = [];
  lost = 0;
  passed = 0;

  constructor(impairment: Impairment, random: Random) {
    this.#impairment = impairment;
    this.#random = random;
  }

  /** When something that is held back has to go on; Infinity where nothing is. */
  get next(): number {
    return this.#held.reduce((soonest, { until }) => Math.min(soonest, until), Number.POSITIVE_INFINITY);
  }

  /** A frame has come, good until this returns. @returns what goes on now, in order. */
  take(frame: Uint8Array, now: number): Uint8Array[] {
    const { loss, duplicates, reordered } = this.#impairment;
    const [lost, doubled, overtaken] = [
      this.#random.next() < loss,
      this.#random.next() < duplicates,
      this.#random.next() < reordered,
    ];
    if (lost) {
      this.lost++;
      return [];
    }
    this.passed++;
    const overtaking = this.#held.length > 0;
    for (const held of this.#held) held.overtakers--;
    if (overtaken) {
      const overtakers = 1 + this.#random.int(OVERTAKEN_BY);
      this.#held.push({ frame: Uint8Array.from(frame), until: now + HELD_MS, overtakers });
      return doubled ? [frame] : [];
    }
    const on = doubled ? [frame, frame] : [frame];
    return overtaking ? [...on, ...this.due(now)] : on;
  }

  /** What was held back for long enough. */
  due(now: number): Uint8Array[] {
    const isDue = ({ until, overtakers }: Held) => overtakers <= 0 || until <= now;
    const due = this.#held.filter(isDue);
    if (due.length > 0) this.#held = this.#held.filter((held) => !isDue(held));
    return due.map(({ frame }) => frame);
  }
}
