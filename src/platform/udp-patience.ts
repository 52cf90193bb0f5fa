const MOST_CREDIT = 16;
const MISS_COSTS = 2;

/**
 * Whether a socket that has just answered should look again before the process sleeps: where peers ask in lock step, waking up takes
 * longer than the peer does. Looking pays only while it meets something, so each time it does is counted against each that it does not.
 */
export class Patience {
  readonly #limit: number;
  #credit = MOST_CREDIT;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  /** @param limit how long to look, in milliseconds; 0: never. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * @param received whether this turn met something.
   * @param answered whether that was answered at once; what has to wait for anything else is not hurried by looking.
   * @returns whether to look again in the next turn of the event loop, without sleeping in between.
   */
  afterTurn(received: boolean, answered: boolean, now: number): boolean {
    if (this.#limit === 0) return false;
    const since = now - this.#answeredAt;
    if (received) {
      // Met while asleep, it would have been met by looking: waking up takes about as long as the limit.
      if (since <= 2 * this.#limit) this.#credit = Math.min(MOST_CREDIT, this.#credit + 1);
      this.#answeredAt = answered ? now : Number.NEGATIVE_INFINITY;
      this.#looking = answered && this.#credit > 0;
    } else if (this.#looking && since > this.#limit) {
      this.#looking = false;
      this.#credit = Math.max(0, this.#credit - MISS_COSTS);
    }
    return this.#looking;
  }
}
