import type { Ipv4 } from '../protocol/ipv4.ts';
import { Deadlines, ExpiryQueue } from './expiry-queue.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { FreeAddresses, type PoolShape } from './pool.ts';
import { Tenancies, type Tenant } from './tenancies.ts';

export type { Tenant } from './tenancies.ts';

/**
 * An address that would be offered. own: the client has or had a lease on it. offered: it was offered it just now. wished: it asks for it, and
 * nobody had it. unused: the next one that nobody has. lapsed: somebody was offered it and did not take it. expired: its lease is over.
 */
export interface Preview {
  readonly address: Ipv4;
  readonly why: 'own' | 'offered' | 'wished' | 'unused' | 'lapsed' | 'expired';
}

/** What a book can be asked. */
export type Ledger = Pick<LeaseBook, keyof LeaseBook>;

/** Seconds that an offered address is kept for its client. */
export const OFFER_TIME = 60;
/** Seconds that a declined address is left alone: a stranger uses it (RFC 2131 §4.3.3). */
export const QUARANTINE_TIME = 3600;

/**
 * Every address of the pool and who has it, in memory; each question costs O(log n) at most. Times are seconds and passed in.
 * Changes that have to be stored are returned; an ACK may leave only when they are.
 */
export class LeaseBook {
  readonly #first: Ipv4;
  readonly #free: FreeAddresses;
  readonly #tenancies: Tenancies;
  /** Offered and not yet leased. */
  readonly #offers: ExpiryQueue;
  /** Leased, released or declined. */
  readonly #leases: ExpiryQueue;

  constructor(shape: PoolShape) {
    const deadlines = new Deadlines(shape.count);
    this.#first = shape.first;
    this.#free = new FreeAddresses(shape, deadlines);
    this.#tenancies = new Tenancies(shape);
    this.#offers = new ExpiryQueue(deadlines);
    this.#leases = new ExpiryQueue(deadlines);
  }

  /** Addresses that can be given out in all. */
  get size(): number {
    return this.#free.size;
  }

  /**
   * Takes in what a store has kept, all at once or in parts. Leases outside the pool (it was changed) and older ones of a client that
   * has moved on are returned for removal.
   */
  restore(leases: readonly Lease[]): LeaseChange[] {
    const removed: LeaseChange[] = [];
    for (const lease of leases) {
      const place = lease.address - this.#first;
      const other = this.leaseOf(lease.key);
      const isOlder = other !== undefined && other.expires >= lease.expires;
      if (!this.#free.has(place) || this.#tenancies.stateAt(place) || isOlder) {
        removed.push({ kind: 'remove', address: lease.address });
        continue;
      }
      if (other) {
        removed.push({ kind: 'remove', address: other.address });
        this.#remove(other.address - this.#first);
        this.#free.forget(other.address - this.#first);
      }
      this.#lease(place, lease);
    }
    return removed;
  }

  /** The client's lease, current or past, as long as nobody else has its address. */
  leaseOf(key: string): Lease | undefined {
    const own = this.#tenancies.placeOf(key);
    return own === undefined ? undefined : this.#tenancies.leaseAt(own);
  }

  /** Something that is no client has this address: it is offered to nobody from now on. */
  exclude(address: Ipv4): void {
    const place = address - this.#first;
    this.#free.exclude(place);
    if (this.#tenancies.stateAt(place) === 'offered') this.#remove(place);
  }

  /** True where the address belongs to the pool. */
  has(address: Ipv4): boolean {
    return this.#free.has(address - this.#first);
  }

  /**
   * The address to offer, held for the client for a minute: its last one, else the one it wishes for if nobody had it, else one
   * nobody has, else the one that expired longest ago. Undefined where every address is in use.
   */
  offer(key: string, now: number, wish?: Ipv4): Ipv4 | undefined {
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined) {
      this.#extend(own, now + OFFER_TIME);
      return this.#first + own;
    }
    const place = this.#wished(wish) ?? this.#free.next() ?? this.#expired(now);
    if (place === undefined) return undefined;
    this.#free.take(place);
    this.#tenancies.offer(place, key);
    this.#offers.put(place, now + OFFER_TIME);
    return this.#first + place;
  }

  /**
   * What {@link offer} would answer, and why; nothing changes.
   *
   * @param excluded addresses that {@link exclude} would be told of before.
   */
  preview(
    key: string,
    now: number,
    wish?: Ipv4,
    excluded: ReadonlySet<Ipv4> = new Set(),
  ): Preview | undefined {
    const without = new Set([...excluded].map((address) => address - this.#first));
    const at = (place: number, why: Preview['why']): Preview => ({ address: this.#first + place, why });
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined && this.#tenancies.stateAt(own) !== 'offered') return at(own, 'own');
    if (own !== undefined && !without.has(own)) return at(own, 'offered');
    const wished = this.#wished(wish);
    if (wished !== undefined && !without.has(wished)) return at(wished, 'wished');
    const unused = this.#free.next(without);
    if (unused !== undefined) return at(unused, 'unused');
    for (const [queue, why] of [
      [this.#offers, 'lapsed'],
      [this.#leases, 'expired'],
    ] as const) {
      for (const place of queue.inOrder()) {
        if (queue.untilOf(place) > now) break;
        if (this.#free.has(place) && !without.has(place)) return at(place, why);
      }
    }
    return undefined;
  }

  /** The client chose another server: its offer is forgotten, a lease it holds is not touched. */
  forgetOffer(key: string): void {
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined && this.#tenancies.stateAt(own) === 'offered') this.#giveBack(own);
  }

  /** True where the client may have this address now: it is its own, or in the pool and nobody's. */
  mayHave(key: string, address: Ipv4): boolean {
    const holder = this.#tenancies.keyAt(address - this.#first);
    return holder === undefined ? this.has(address) : holder === key;
  }

  /** True where an address of the pool is in another client's hands. */
  isOthers(key: string, address: Ipv4): boolean {
    const holder = this.#tenancies.keyAt(address - this.#first);
    return holder !== undefined && holder !== key;
  }

  /** Leases the address until `expires`. Call only where {@link mayHave} is true. */
  lease(tenant: Tenant, address: Ipv4, expires: number): LeaseChange[] {
    const changes: LeaseChange[] = [];
    const place = address - this.#first;
    const before = this.#tenancies.placeOf(tenant.key);
    if (before !== undefined && before !== place) {
      const wasLeased = this.#tenancies.stateAt(before) !== 'offered';
      if (wasLeased) changes.push({ kind: 'remove', address: this.#first + before });
      this.#giveBack(before);
    }
    const lease: Lease = { address, ...tenant, state: 'bound', expires };
    this.#lease(place, lease);
    changes.push({ kind: 'put', lease });
    return changes;
  }

  /** The client gives its address back; it stays the client's favourite as long as nobody needs it. */
  release(key: string, address: Ipv4, now: number): LeaseChange[] {
    const own = this.leaseOf(key);
    if (own?.address !== address || own.state !== 'bound') return [];
    const lease: Lease = { ...own, state: 'released', expires: now };
    this.#lease(address - this.#first, lease);
    return [{ kind: 'put', lease }];
  }

  /**
   * The operator frees an address: a lease ends as if it were released, a declined address may be given out again.
   * @returns the lease as it was; undefined where there is none on the address.
   */
  free(address: Ipv4, now: number): { readonly was: Lease; readonly changes: LeaseChange[] } | undefined {
    const was = this.#tenancies.leaseAt(address - this.#first);
    if (!was) return undefined;
    if (was.state !== 'declined') return { was, changes: this.release(was.key, address, now) };
    this.#giveBack(address - this.#first);
    return { was, changes: [{ kind: 'remove', address }] };
  }

  /** The client found its address in use by a stranger: nobody gets it for an hour. */
  decline(tenant: Tenant, address: Ipv4, now: number): LeaseChange[] {
    const place = address - this.#first;
    if (this.#tenancies.placeOf(tenant.key) !== place) return [];
    this.#remove(place);
    const lease: Lease = { ...tenant, address, key: '', state: 'declined', expires: now + QUARANTINE_TIME };
    this.#lease(place, lease);
    return [{ kind: 'put', lease }];
  }

  /** How many addresses are left alone because a stranger uses them; one whose time is over counts until it is given out again. */
  get declined(): number {
    return this.#tenancies.declined;
  }

  #wished(wish: Ipv4 | undefined): number | undefined {
    const place = (wish ?? -1) - this.#first;
    return this.#free.has(place) && !this.#tenancies.stateAt(place) ? place : undefined;
  }

  /** An offer nobody took comes before a lease that somebody may come back for. */
  #expired(now: number): number | undefined {
    for (const queue of [this.#offers, this.#leases]) {
      for (let place = queue.peek(); place !== undefined; place = queue.peek()) {
        if (queue.untilOf(place) > now) break;
        this.#remove(place);
        if (this.#free.has(place)) return place;
      }
    }
    return undefined;
  }

  #lease(place: number, lease: Lease): void {
    this.#free.take(place);
    this.#offers.remove(place);
    this.#tenancies.lease(place, lease);
    this.#leases.put(place, lease.expires);
  }

  #extend(place: number, until: number): void {
    const queue = this.#offers.has(place) ? this.#offers : this.#leases;
    if (until > queue.untilOf(place)) queue.put(place, until);
  }

  #remove(place: number): void {
    this.#offers.remove(place);
    this.#leases.remove(place);
    this.#tenancies.clear(place);
  }

  #giveBack(place: number): void {
    this.#remove(place);
    this.#free.giveBack(place);
  }
}
