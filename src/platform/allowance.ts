/** More of them than this are not remembered: the one that came first is forgotten, and has its whole allowance again. */
const MOST_KEYS = 8192;

interface Left {
  tokens: number;
  asOf: number;
}

/** How often each of many, an address or a kind, may do something: so many times at once, and so many times a second from then on. */
export class Allowance<K> {
  readonly #atOnce: number;
  readonly #perSecond: number;
  readonly #left = new Map<K, Left>();

  constructor(atOnce: number, perSecond: number) {
    this.#atOnce = atOnce;
    this.#perSecond = perSecond;
  }

  /** @param now milliseconds that only ever grow. @returns false where it has been too often. */
  take(key: K, now: number): boolean {
    const left = this.#left.get(key) ?? this.#remember(key, now);
    left.tokens = Math.min(this.#atOnce, left.tokens + ((now - left.asOf) / 1000) * this.#perSecond);
    left.asOf = now;
    if (left.tokens < 1) return false;
    left.tokens -= 1;
    return true;
  }

  /** It was for something: that does not count. */
  giveBack(key: K): void {
    const left = this.#left.get(key);
    if (left) left.tokens = Math.min(this.#atOnce, left.tokens + 1);
  }

  #remember(key: K, now: number): Left {
    const left = { tokens: this.#atOnce, asOf: now };
    this.#left.set(key, left);
    if (this.#left.size > MOST_KEYS) this.#left.delete(this.#left.keys().next().value!);
    return left;
  }
}
