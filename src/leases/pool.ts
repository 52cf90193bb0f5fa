import type { Ipv4 } from '../protocol/ipv4.ts';
import { type Deadlines, ExpiryQueue } from './expiry-queue.ts';
import { NumberSet } from './number-set.ts';

/** The shape of a pool: `count` addresses from `first`, some of them never given out. */
export interface PoolShape {
  readonly first: Ipv4;
  readonly count: number;
  readonly reserved: readonly { readonly address: Ipv4 }[];
}

const NONE: ReadonlySet<number> = new Set();

/**
 * The addresses of a pool that nobody has: first those that nobody ever had, in order; then those that came back, in the order in which
 * they did. An address is told by its place in the pool, counted from 0.
 */
export class FreeAddresses {
  readonly #count: number;
  readonly #reserved = new Set<number>();
  readonly #untouched: NumberSet;
  readonly #returned: ExpiryQueue;
  #untouchedCount: number;
  #returns = 0;

  constructor({ first, count, reserved }: PoolShape, deadlines: Deadlines) {
    this.#count = count;
    this.#untouchedCount = count;
    this.#untouched = new NumberSet(count);
    this.#returned = new ExpiryQueue(deadlines);
    for (const { address } of reserved) this.exclude(address - first);
  }

  /** Addresses that may be given out, whether they are free or not. */
  get size(): number {
    return this.#count - this.#reserved.size;
  }

  /** Addresses that are free. */
  get count(): number {
    return this.#untouchedCount + this.#returned.size;
  }

  /** From now on it is given to nobody. */
  exclude(place: number): void {
    if (!this.has(place)) return;
    this.#reserved.add(place);
    this.take(place);
  }

  /** True for one that may be given out at all. */
  has(place: number): boolean {
    return place >= 0 && place < this.#count && !this.#reserved.has(place);
  }

  /** The next one to give out, as if `excluded` were none of the pool's. */
  next(excluded = NONE): number | undefined {
    let place = this.#untouched.from(0);
    while (place !== undefined && excluded.has(place)) place = this.#untouched.from(place + 1);
    return place ?? this.#returned.inOrder().find((returned) => !excluded.has(returned));
  }

  /** It is in somebody's hands now. */
  take(place: number): void {
    if (this.#untouched.has(place)) this.#untouchedCount -= 1;
    this.#untouched.delete(place);
    this.#returned.remove(place);
  }

  giveBack(place: number): void {
    this.#returns += 1;
    if (this.has(place)) this.#returned.put(place, this.#returns);
  }

  /** As if nobody ever had had it. */
  forget(place: number): void {
    if (!this.has(place)) return;
    if (!this.#untouched.has(place)) this.#untouchedCount += 1;
    this.#untouched.add(place);
  }
}
