import { type Deadlines, ExpiryQueue } from './expiry-queue.ts';
import type { Sources } from './sources.ts';

/** Seconds that an offered address is kept for its client. */
export const OFFER_TIME = 60;
/**
 * Seconds after which nobody can be still considering an offer, where others need the address: UEFI collects offers for 4 s after its first
 * DISCOVER and for 16 s after its third.
 */
const CONSIDERED = { once: 6, again: 20 } as const;

/** Addresses that are offered and not yet leased, each by its place in the pool; those of machines that have asked but once apart from the others. */
export class Offers {
  readonly #once: ExpiryQueue;
  readonly #again: ExpiryQueue;
  readonly #sources: Sources;
  /** Of those in `once`. */
  readonly #sourceOf: Uint16Array;

  constructor(deadlines: Deadlines, count: number, sources: Sources) {
    this.#once = new ExpiryQueue(deadlines);
    this.#again = new ExpiryQueue(deadlines);
    this.#sourceOf = new Uint16Array(count);
    this.#sources = sources;
  }

  /** How many are open to machines that have asked but once. */
  get unconfirmed(): number {
    return this.#once.size;
  }

  isUnconfirmed(place: number): boolean {
    return this.#once.has(place);
  }

  /** @param source where its machine asks for the first time; undefined for one that has asked before. */
  open(place: number, now: number, source: number | undefined): void {
    if (source === undefined) {
      this.#again.put(place, now + OFFER_TIME);
      return;
    }
    this.#sourceOf[place] = source;
    this.#sources.opened(source);
    this.#once.put(place, now + OFFER_TIME);
  }

  /** Its machine asks again; false where it is not offered to anybody. */
  repeat(place: number, now: number): boolean {
    if (!this.#once.has(place) && !this.#again.has(place)) return false;
    const until = Math.max(this.untilOf(place), now + OFFER_TIME);
    this.remove(place);
    this.#again.put(place, until);
    return true;
  }

  untilOf(place: number): number {
    return this.#once.untilOf(place);
  }

  remove(place: number): void {
    if (this.#once.has(place)) this.#sources.closed(this.#sourceOf[place]!);
    this.#once.remove(place);
    this.#again.remove(place);
  }

  /** The first one whose time is over. */
  lapsed(now: number): number | undefined {
    return first(this.#once, now) ?? first(this.#again, now);
  }

  /** The first one that nobody can be still considering. */
  abandoned(now: number): number | undefined {
    const left = (considered: number) => now + OFFER_TIME - considered;
    return first(this.#once, left(CONSIDERED.once)) ?? first(this.#again, left(CONSIDERED.again));
  }

  /** All of them in the order of {@link lapsed}, or of {@link abandoned}. */
  *inOrder(now: number, which: 'lapsed' | 'abandoned'): Generator<number> {
    for (const [queue, considered] of [
      [this.#once, CONSIDERED.once],
      [this.#again, CONSIDERED.again],
    ] as const) {
      const until = which === 'lapsed' ? now : now + OFFER_TIME - considered;
      for (const place of queue.inOrder()) {
        if (queue.untilOf(place) > until) break;
        yield place;
      }
    }
  }
}

function first(queue: ExpiryQueue, until: number): number | undefined {
  const place = queue.peek();
  return place !== undefined && queue.untilOf(place) <= until ? place : undefined;
}
