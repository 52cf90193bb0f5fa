import type { LoadSample } from '../sample.ts';
import { median } from '../slope.ts';

/** Reasons that are kept a sample; the others are only counted. */
const MOST_REASONS = 50;

/** Counts what the load sees between two samples. */
export class Tally {
  #booted = 0;
  #died = 0;
  #answered = 0;
  #garbage = 0;
  #failed: string[] = [];
  #unanswered: string[] = [];
  #times: number[] = [];

  booted(ms: number): void {
    this.#booted++;
    this.#times.push(ms);
  }

  failed(why: string): void {
    if (this.#failed.length < MOST_REASONS) this.#failed.push(why);
  }

  died(): void {
    this.#died++;
  }

  answered(): void {
    this.#answered++;
  }

  unanswered(what: string): void {
    if (this.#unanswered.length < MOST_REASONS) this.#unanswered.push(what);
  }

  garbage(): void {
    this.#garbage++;
  }

  /** What has been counted since the last call. */
  drain(): LoadSample {
    const sample = {
      booted: this.#booted,
      failed: this.#failed,
      died: this.#died,
      answered: this.#answered,
      unanswered: this.#unanswered,
      garbage: this.#garbage,
      bootMs: this.#times.length === 0 ? null : median(this.#times),
    };
    this.#booted = this.#died = this.#answered = this.#garbage = 0;
    this.#failed = [];
    this.#unanswered = [];
    this.#times = [];
    return sample;
  }
}
