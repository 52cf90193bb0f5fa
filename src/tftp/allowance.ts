import type { Ipv4 } from '../protocol/ipv4.ts';

/** More addresses than this are not remembered: the one that came first is forgotten, and has its whole allowance again. */
const MOST_ADDRESSES = 8192;

interface Left {
  tokens: number;
  asOf: number;
}

/** How often each address may do something: so many times at once, and so many times a second from then on. */
export class Allowance {
  readonly #atOnce: number;
  readonly #perSecond: number;
  readonly #left = new Map<Ipv4, Left>();

  constructor(atOnce: number, perSecond: number) {
    this.#atOnce = atOnce;
    this.#perSecond = perSecond;
  }

  /** @param now milliseconds that only ever grow. @returns false where it has been too often. */
  take(address: Ipv4, now: number): boolean {
    const left = this.#left.get(address) ?? this.#remember(address, now);
    left.tokens = Math.min(this.#atOnce, left.tokens + ((now - left.asOf) / 1000) * this.#perSecond);
    left.asOf = now;
    if (left.tokens < 1) return false;
    left.tokens -= 1;
    return true;
  }

  /** It was for something: that does not count. */
  giveBack(address: Ipv4): void {
    const left = this.#left.get(address);
    if (left) left.tokens = Math.min(this.#atOnce, left.tokens + 1);
  }

  #remember(address: Ipv4, now: number): Left {
    const left = { tokens: this.#atOnce, asOf: now };
    this.#left.set(address, left);
    if (this.#left.size > MOST_ADDRESSES) this.#left.delete(this.#left.keys().next().value!);
    return left;
  }
}
