import { SIGN_LATE_MS } from '../coverage.ts';

/** Steps of the clock up to this, as when it is set right by NTP, are ironed out. */
const SLACK_MS = 1000;

/**
 * The time of one run of a service: it never goes back within a run. Where the clock is set back, or the process was stopped for so long
 * that nobody can take it for recording any more (a paused container, a sleeping host), another run begins.
 */
export class RunTime {
  #last: number;
  #from: number;

  constructor(now: number) {
    this.#from = now;
    this.#last = now;
  }

  /** When this run began. */
  get from(): number {
    return this.#from;
  }

  /** The moment as it is stamped on what happens now; has to be asked at least every {@link SIGN_LATE_MS}. */
  at(now: number): number {
    if (now < this.#last - SLACK_MS || now > this.#last + SIGN_LATE_MS) {
      this.#from = now;
      this.#last = now;
    } else if (now > this.#last) this.#last = now;
    return this.#last;
  }
}
