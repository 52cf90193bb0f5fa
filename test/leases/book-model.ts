import type { Lease } from '../../src/leases/lease.ts';

interface Held {
  key: string;
  until: number;
  lease?: Lease;
}

/** The rules by which a book chooses an address, in lists that are scanned: what the book has to do whatever it is made of. */
export class BookModel {
  readonly #pool: number[];
  readonly #held = new Map<number, Held>();
  readonly #had = new Set<number>();
  #returned: number[] = [];

  constructor(first: number, count: number, reserved: readonly number[]) {
    this.#pool = Array.from({ length: count }, (_, n) => first + n).filter((one) => !reserved.includes(one));
  }

  get size(): number {
    return this.#pool.length;
  }

  leaseOf(key: string): Lease | undefined {
    return this.#own(key)?.[1].lease;
  }

  exclude(address: number): void {
    if (this.#pool.includes(address)) this.#pool.splice(this.#pool.indexOf(address), 1);
    if (!this.#held.get(address)?.lease) this.#held.delete(address);
  }

  mayHave(key: string, address: number): boolean {
    const holder = this.#held.get(address);
    return holder ? holder.key === key : this.#pool.includes(address);
  }

  offer(key: string, now: number, wish: number | undefined): number | undefined {
    const own = this.#own(key);
    if (own) {
      own[1].until = Math.max(own[1].until, now + 60);
      return own[0];
    }
    const isFree = (address: number) => !this.#held.has(address) && this.#pool.includes(address);
    const address =
      [
        ...[wish ?? 0].filter(isFree),
        ...this.#pool.filter((one) => isFree(one) && !this.#had.has(one)),
        ...this.#returned.filter(isFree),
      ][0] ?? this.#lapsed(now);
    if (address !== undefined) this.#give(address, { key, until: now + 60 });
    return address;
  }

  forget(key: string): void {
    const own = this.#own(key);
    if (own && !own[1].lease) this.#takeBack(own[0]);
  }

  lease(key: string, address: number, expires: number): void {
    const own = this.#own(key);
    if (own && own[0] !== address) this.#takeBack(own[0]);
    const lease: Lease = { address, key, mac: key, hostName: '', state: 'bound', expires };
    this.#give(address, { key, until: expires, lease });
  }

  release(key: string, now: number): void {
    const own = this.#own(key);
    if (own?.[1].lease?.state !== 'bound') return;
    const lease: Lease = { ...own[1].lease, state: 'released', expires: now };
    this.#give(own[0], { key, until: now, lease });
  }

  decline(key: string, now: number): void {
    const own = this.#own(key);
    if (!own) return;
    const expires = now + 3600;
    const lease: Lease = { address: own[0], key: '', mac: key, hostName: '', state: 'declined', expires };
    this.#give(own[0], { key: '', until: expires, lease });
  }

  free(address: number, now: number): void {
    const lease = this.#held.get(address)?.lease;
    if (lease?.state === 'declined') this.#takeBack(address);
    else if (lease) this.release(lease.key, now);
  }

  /** Offers that nobody took, then leases that are over. What has left the pool since is forgotten in passing. */
  #lapsed(now: number): number | undefined {
    const over = [...this.#held].filter(([, { until }]) => until <= now);
    const inOrder = over.toSorted(
      ([a, one], [b, other]) =>
        Number(!!one.lease) - Number(!!other.lease) || one.until - other.until || a - b,
    );
    for (const [address] of inOrder) {
      this.#held.delete(address);
      if (this.#pool.includes(address)) return address;
    }
    return undefined;
  }

  #own(key: string): [number, Held] | undefined {
    return [...this.#held].find(([, held]) => held.key === key);
  }

  #give(address: number, held: Held): void {
    this.#held.set(address, held);
    this.#had.add(address);
    this.#returned = this.#returned.filter((one) => one !== address);
  }

  #takeBack(address: number): void {
    this.#held.delete(address);
    this.#returned.push(address);
  }
}
