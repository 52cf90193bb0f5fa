import type { Lease } from '../../src/leases/lease.ts';
import { AFTER_LEASE } from '../../src/leases/places.ts';

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
  /** Addresses offered to whoever asked but once. */
  readonly #unconfirmed = new Set<number>();
  readonly #askedAt = new Map<string, number>();
  #crowdedUntil = 0;

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
    if (this.#held.get(address)?.lease) return;
    this.#held.delete(address);
    this.#unconfirmed.delete(address);
  }

  mayHave(key: string, address: number, now: number): boolean {
    const holder = this.#held.get(address);
    return holder ? holder.key === key : this.#pool.includes(address) && this.#crowdedUntil <= now;
  }

  offer(key: string, now: number, wish: number | undefined): number | undefined {
    const own = this.#own(key);
    if (own) {
      own[1].until = Math.max(own[1].until, now + 60);
      this.#unconfirmed.delete(own[0]);
      return own[0];
    }
    const isCrowded = this.#crowdedUntil > now;
    // The second is noted in eight bits.
    const age = (now - (this.#askedAt.get(key) ?? now)) & 255;
    const isAgain = isCrowded && age >= 1 && age <= 64;
    if (isCrowded && !isAgain) return this.#turnAway(key, now, 0);
    const isFree = (address: number) => !this.#held.has(address) && this.#pool.includes(address);
    const address =
      [
        ...[wish ?? 0].filter(isFree),
        ...this.#pool.filter((one) => isFree(one) && !this.#had.has(one)),
        ...this.#returned.filter(isFree),
      ][0] ??
      this.#over(now, (held) => !held.lease) ??
      (isAgain ? this.#abandoned(now) : undefined);
    const isHandedOn = isAgain || this.#unconfirmed.size < 2;
    const found = address ?? (isHandedOn ? this.#over(now, (held) => !!held.lease) : undefined);
    if (found === undefined) {
      const isOver = this.#first(([, held]) => !!held.lease && held.until <= now) !== undefined;
      return this.#turnAway(key, now, isOver && !isAgain ? 0 : undefined);
    }
    this.#give(found, { key, until: now + 60 });
    if (!isAgain) this.#unconfirmed.add(found);
    return found;
  }

  forget(key: string): void {
    const own = this.#own(key);
    if (own && !own[1].lease) this.#takeBack(own[0]);
  }

  lease(key: string, address: number, expires: number): void {
    const own = this.#own(key);
    if (own && own[0] !== address) this.#takeBack(own[0]);
    const lease: Lease = { address, key, mac: key, hostName: '', state: 'bound', expires };
    this.#give(address, { key, until: expires + AFTER_LEASE, lease });
  }

  release(key: string, now: number): void {
    const own = this.#own(key);
    if (own?.[1].lease?.state !== 'bound') return;
    const lease: Lease = { ...own[1].lease, state: 'released', expires: now };
    this.#give(own[0], { key, until: now, lease });
  }

  decline(key: string, now: number): void {
    const own = this.#own(key);
    if (own?.[1].lease?.state !== 'bound') return;
    const declined = [...this.#held].filter(([, held]) => held.lease?.state === 'declined').length;
    if (declined >= Math.max(1, this.size / 4)) {
      this.#takeBack(own[0]);
      return;
    }
    const expires = now + 3600;
    const lease: Lease = { address: own[0], key: '', mac: key, hostName: '', state: 'declined', expires };
    this.#give(own[0], { key: '', until: expires, lease });
  }

  free(address: number, now: number): void {
    const lease = this.#held.get(address)?.lease;
    if (lease?.state === 'declined') this.#takeBack(address);
    else if (lease) this.release(lease.key, now);
  }

  #turnAway(key: string, now: number, answer: 0 | undefined): 0 | undefined {
    if (this.#askedAt.get(key) !== now) this.#askedAt.set(key, now);
    this.#crowdedUntil = now + 60;
    return answer;
  }

  /** What has left the pool since is forgotten in passing. */
  #over(now: number, which: (held: Held) => boolean): number | undefined {
    return this.#oldest(([, held]) => which(held) && held.until <= now);
  }

  #abandoned(now: number): number | undefined {
    return this.#oldest(
      ([address, { until, lease }]) =>
        !lease && until <= now + 60 - (this.#unconfirmed.has(address) ? 6 : 20),
    );
  }

  #oldest(which: (one: [number, Held]) => boolean): number | undefined {
    const found = this.#first(which);
    if (found !== undefined) this.#drop(found);
    return found;
  }

  #first(which: (one: [number, Held]) => boolean): number | undefined {
    const isAgain = (address: number) => Number(!this.#unconfirmed.has(address));
    const inOrder = [...this.#held]
      .filter(which)
      .toSorted(([a, one], [b, other]) => isAgain(a) - isAgain(b) || one.until - other.until || a - b);
    for (const [address] of inOrder) {
      if (this.#pool.includes(address)) return address;
      this.#drop(address);
    }
    return undefined;
  }

  #drop(address: number): void {
    this.#held.delete(address);
    this.#unconfirmed.delete(address);
  }

  #own(key: string): [number, Held] | undefined {
    return [...this.#held].find(([, held]) => held.key === key);
  }

  #give(address: number, held: Held): void {
    this.#unconfirmed.delete(address);
    this.#held.set(address, held);
    this.#had.add(address);
    this.#returned = this.#returned.filter((one) => one !== address);
  }

  #takeBack(address: number): void {
    this.#held.delete(address);
    this.#unconfirmed.delete(address);
    this.#returned.push(address);
  }
}
