import type { Clock } from '../platform/clock.ts';

/**
 * One timer, for the soonest of many times.
 *
 * It rings only after the sockets have been read once more: where this process was held up, answers wait in them, and what they answer
 * must not be sent again.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #at = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings then, unless it rings sooner already; with Infinity nothing is changed. */
  atLatest(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    // Timers of Node can be early by a part of a millisecond.
    this.#timer = setTimeout(() => this.#elapsed(), Math.max(0, Math.ceil(at - this.#clock.monotonic())));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Number.NEGATIVE_INFINITY;
  }

  #elapsed(): void {
    // The first turn reads the sockets, the second is after what plain dgram delivers a turn later.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#at === Number.NEGATIVE_INFINITY) return;
        this.#at = Number.POSITIVE_INFINITY;
        this.#ring();
      }),
    );
  }
}
