import type { Ipv4 } from '../protocol/ipv4.ts';
import { type Expiring, ExpiryQueue } from './expiry-queue.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { FreeAddresses, type PoolShape } from './pool.ts';

/** An address in somebody's hands: offered only (no lease yet), or with the lease that is or was on it. */
interface Binding extends Expiring {
  readonly address: Ipv4;
  readonly key: string;
  lease: Lease | undefined;
}

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

/** Who a lease is made for. */
export interface Tenant {
  readonly key: string;
  readonly mac: string;
  readonly hostName: string;
}

/** Seconds that an offered address is kept for its client. */
export const OFFER_TIME = 60;
/** Seconds that a declined address is left alone: a stranger uses it (RFC 2131 §4.3.3). */
export const QUARANTINE_TIME = 3600;

/**
 * Every address of the pool and who has it, in memory; each question costs O(log n) at most. Times are seconds and passed in.
 * Changes that have to be stored are returned; an ACK may leave only when they are.
 */
export class LeaseBook {
  readonly #free: FreeAddresses;
  readonly #byAddress = new Map<Ipv4, Binding>();
  readonly #byKey = new Map<string, Binding>();
  /** Offered and not yet leased. */
  readonly #offers = new ExpiryQueue<Binding>();
  #declined = 0;
  /** Leased, released or declined. */
  readonly #leases = new ExpiryQueue<Binding>();

  constructor(shape: PoolShape) {
    this.#free = new FreeAddresses(shape);
  }

  /** Addresses that can be given out in all. */
  get size(): number {
    return this.#free.size;
  }

  /**
   * Takes in what a store has kept. Leases outside the pool (it was changed) and older ones of a client that has moved on
   * are returned for removal.
   */
  restore(leases: readonly Lease[]): LeaseChange[] {
    const removed: LeaseChange[] = [];
    for (const lease of leases.toSorted((a, b) => b.expires - a.expires)) {
      if (
        !this.#free.has(lease.address) ||
        this.#byAddress.has(lease.address) ||
        this.#byKey.has(lease.key)
      ) {
        removed.push({ kind: 'remove', address: lease.address });
        continue;
      }
      this.#bind(lease.address, lease.key, lease.expires, lease);
    }
    return removed;
  }

  /** The client's lease, current or past, as long as nobody else has its address. */
  leaseOf(key: string): Lease | undefined {
    return this.#byKey.get(key)?.lease;
  }

  /** Something that is no client has this address: it is offered to nobody from now on. */
  exclude(address: Ipv4): void {
    this.#free.exclude(address);
    const binding = this.#byAddress.get(address);
    if (binding && !binding.lease) this.#remove(binding);
  }

  /** True where the address belongs to the pool. */
  has(address: Ipv4): boolean {
    return this.#free.has(address);
  }

  /**
   * The address to offer, held for the client for a minute: its last one, else the one it wishes for if nobody had it, else one
   * nobody has, else the one that expired longest ago. Undefined where every address is in use.
   */
  offer(key: string, now: number, wish?: Ipv4): Ipv4 | undefined {
    const own = this.#byKey.get(key);
    if (own) {
      this.#extend(own, now + OFFER_TIME);
      return own.address;
    }
    const address = this.#unused(wish) ?? this.#expired(now);
    if (address === undefined) return undefined;
    this.#bind(address, key, now + OFFER_TIME, undefined);
    return address;
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
    const own = this.#byKey.get(key);
    if (own?.lease) return { address: own.address, why: 'own' };
    if (own && !excluded.has(own.address)) return { address: own.address, why: 'offered' };
    const taken = (address: Ipv4) => this.#byAddress.has(address) || excluded.has(address);
    if (wish !== undefined && this.#free.has(wish) && !taken(wish)) return { address: wish, why: 'wished' };
    const unused = this.#free.peek(taken);
    if (unused !== undefined) return { address: unused, why: 'unused' };
    for (const [queue, why] of [
      [this.#offers, 'lapsed'],
      [this.#leases, 'expired'],
    ] as const) {
      for (const { address, until } of queue.inOrder()) {
        if (until > now) break;
        if (this.#free.has(address) && !excluded.has(address)) return { address, why };
      }
    }
    return undefined;
  }

  /** The client chose another server: its offer is forgotten, a lease it holds is not touched. */
  forgetOffer(key: string): void {
    const own = this.#byKey.get(key);
    if (own && !own.lease) this.#unbind(own);
  }

  /** True where the client may have this address now: it is its own, or in the pool and nobody's. */
  mayHave(key: string, address: Ipv4): boolean {
    const binding = this.#byAddress.get(address);
    return binding ? binding.key === key : this.#free.has(address);
  }

  /** True where an address of the pool is in another client's hands. */
  isOthers(key: string, address: Ipv4): boolean {
    const binding = this.#byAddress.get(address);
    return binding !== undefined && binding.key !== key;
  }

  /** Leases the address until `expires`. Call only where {@link mayHave} is true. */
  lease(tenant: Tenant, address: Ipv4, expires: number): LeaseChange[] {
    const changes: LeaseChange[] = [];
    const before = this.#byKey.get(tenant.key);
    if (before && before.address !== address) {
      if (before.lease) changes.push({ kind: 'remove', address: before.address });
      this.#unbind(before);
    }
    const lease: Lease = { address, ...tenant, state: 'bound', expires };
    const binding = this.#byAddress.get(address);
    if (binding) this.#setLease(binding, lease);
    else this.#bind(address, tenant.key, expires, lease);
    changes.push({ kind: 'put', lease });
    return changes;
  }

  /** The client gives its address back; it stays the client's favourite as long as nobody needs it. */
  release(key: string, address: Ipv4, now: number): LeaseChange[] {
    const binding = this.#byKey.get(key);
    if (binding?.address !== address || binding.lease?.state !== 'bound') return [];
    const lease: Lease = { ...binding.lease, state: 'released', expires: now };
    this.#setLease(binding, lease);
    return [{ kind: 'put', lease }];
  }

  /**
   * The operator frees an address: a lease ends as if it were released, a declined address may be given out again.
   * @returns the lease as it was; undefined where there is none on the address.
   */
  free(address: Ipv4, now: number): { readonly was: Lease; readonly changes: LeaseChange[] } | undefined {
    const binding = this.#byAddress.get(address);
    const was = binding?.lease;
    if (!binding || !was) return undefined;
    if (was.state !== 'declined') return { was, changes: this.release(was.key, address, now) };
    this.#unbind(binding);
    return { was, changes: [{ kind: 'remove', address }] };
  }

  /** The client found its address in use by a stranger: nobody gets it for an hour. */
  decline(tenant: Tenant, address: Ipv4, now: number): LeaseChange[] {
    const binding = this.#byKey.get(tenant.key);
    if (binding?.address !== address) return [];
    this.#unbind(binding);
    const lease: Lease = { ...tenant, address, key: '', state: 'declined', expires: now + QUARANTINE_TIME };
    this.#bind(address, '', lease.expires, lease);
    return [{ kind: 'put', lease }];
  }

  /** How many addresses are left alone because a stranger uses them; one whose time is over counts until it is given out again. */
  get declined(): number {
    return this.#declined;
  }

  #unused(wish: Ipv4 | undefined): Ipv4 | undefined {
    if (wish !== undefined && this.#free.has(wish) && !this.#byAddress.has(wish)) return wish;
    return this.#free.take((address) => this.#byAddress.has(address));
  }

  /** An offer nobody took comes before a lease that somebody may come back for. */
  #expired(now: number): Ipv4 | undefined {
    for (;;) {
      const oldest = [this.#offers.peek(), this.#leases.peek()].find(
        (binding) => binding && binding.until <= now,
      );
      if (!oldest) return undefined;
      this.#remove(oldest);
      if (this.#free.has(oldest.address)) return oldest.address;
    }
  }

  #bind(address: Ipv4, key: string, until: number, lease: Lease | undefined): void {
    const binding: Binding = { address, key, lease, until, slot: -1 };
    this.#byAddress.set(address, binding);
    if (key) this.#byKey.set(key, binding);
    if (lease?.state === 'declined') this.#declined += 1;
    this.#queue(binding).put(binding);
  }

  #setLease(binding: Binding, lease: Lease): void {
    this.#queue(binding).remove(binding);
    binding.lease = lease;
    binding.until = lease.expires;
    this.#leases.put(binding);
  }

  #extend(binding: Binding, until: number): void {
    if (until <= binding.until) return;
    binding.until = until;
    this.#queue(binding).put(binding);
  }

  #queue(binding: Binding): ExpiryQueue<Binding> {
    return binding.lease ? this.#leases : this.#offers;
  }

  #remove(binding: Binding): void {
    this.#queue(binding).remove(binding);
    this.#byAddress.delete(binding.address);
    if (binding.lease?.state === 'declined') this.#declined -= 1;
    if (this.#byKey.get(binding.key) === binding) this.#byKey.delete(binding.key);
  }

  #unbind(binding: Binding): void {
    this.#remove(binding);
    this.#free.giveBack(binding.address);
  }
}
