import type { Ipv4 } from '../protocol/ipv4.ts';
import { Chooser, LATER, type Preview, usual } from './chooser.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { Places } from './places.ts';
import type { PoolShape } from './pool.ts';
import type { Tenant } from './tenancies.ts';

export { type Admission, LATER, type Preview } from './chooser.ts';
export { OFFER_TIME } from './offers.ts';
export type { Tenant } from './tenancies.ts';

/** What a book can be asked. */
export type Ledger = Pick<LeaseBook, keyof LeaseBook>;

/** Seconds that a declined address is left alone: a stranger uses it (RFC 2131 §4.3.3). */
export const QUARANTINE_TIME = 3600;
/** Of the pool: whoever declines more than that lies, or the pool is another's. */
const MOST_DECLINED = 1 / 4;

/**
 * Every address of the pool and who has it, in memory; each question costs O(log n) at most. Times are seconds and passed in.
 * Changes that have to be stored are returned; an ACK may leave only when they are.
 */
export class LeaseBook {
  readonly #first: Ipv4;
  readonly #places: Places;
  readonly #chooser: Chooser;

  constructor(shape: PoolShape, admission = usual()) {
    this.#first = shape.first;
    this.#places = new Places(shape);
    this.#chooser = new Chooser(this.#places, admission);
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
        this.#places.remove(other.address - this.#first);
        this.#free.forget(other.address - this.#first);
      }
      this.#places.lease(place, lease);
    }
    return removed;
  }

  /** The client's lease, current or past, as long as nobody else has its address. */
  leaseOf(key: string): Lease | undefined {
    const own = this.#tenancies.placeOf(key);
    return own === undefined ? undefined : this.#tenancies.leaseAt(own);
  }

  /** All leases, current and past, declined ones too; each as it is when it is its turn. */
  leases(): Generator<Lease> {
    return this.#tenancies.leases();
  }

  /** The lease that is or was on the address. */
  leaseAt(address: Ipv4): Lease | undefined {
    return this.#tenancies.leaseAt(address - this.#first);
  }

  /** Something that is no client has this address: it is offered to nobody from now on. */
  exclude(address: Ipv4): void {
    const place = address - this.#first;
    this.#free.exclude(place);
    if (this.#tenancies.stateAt(place) === 'offered') this.#places.remove(place);
  }

  /** True where the address belongs to the pool. */
  has(address: Ipv4): boolean {
    return this.#free.has(address - this.#first);
  }

  /**
   * The address to offer, held for the client for a minute: its last one, else the one it wishes for if nobody had it, else one
   * nobody has, else the one that expired longest ago. {@link LATER} for a stranger where too many of them ask; undefined where every address is in use.
   *
   * @param source where it asks from: a name, the same for all that are there.
   */
  offer(key: string, now: number, wish: Ipv4 = LATER, source = ''): Ipv4 | undefined {
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined) {
      this.#places.keep(own, now);
      return this.#first + own;
    }
    const place = this.#chooser.offer(key, now, wish - this.#first, source);
    if (place === 'later') return LATER;
    return place === undefined ? undefined : this.#first + place;
  }

  /**
   * What {@link offer} would answer, and why; nothing changes.
   *
   * @param excluded addresses that {@link exclude} would be told of before.
   */
  preview(
    key: string,
    now: number,
    wish: Ipv4 = LATER,
    source = '',
    excluded: ReadonlySet<Ipv4> = new Set(),
  ): Preview | undefined {
    const without = new Set([...excluded].map((address) => address - this.#first));
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined && this.#tenancies.stateAt(own) !== 'offered')
      return { address: this.#first + own, why: 'own' };
    if (own !== undefined && !without.has(own)) return { address: this.#first + own, why: 'offered' };
    const found = this.#chooser.preview(key, now, wish - this.#first, source, without);
    if (found === 'later') return { why: found };
    return found && { address: this.#first + found.place, why: found.why };
  }

  /**
   * True for a stranger where fewer than half of the addresses are left that nobody ever needed, or where too many strangers ask: it should get an
   * address for a short time, and for longer only when it comes back.
   */
  isOnProbation(key: string, now: number): boolean {
    const isCrowded = this.#chooser.isCrowded(now);
    if (!isCrowded && 2 * this.#free.count >= this.size) return false;
    const own = this.#tenancies.placeOf(key);
    const isOffered = own !== undefined && this.#tenancies.stateAt(own) === 'offered';
    // The lease is for as long as its offer was.
    const free = this.#free.count + (isOffered ? 1 : 0);
    return (own === undefined || isOffered) && (isCrowded || 2 * free < this.size);
  }

  /** The client chose another server: its offer is forgotten, a lease it holds is not touched. */
  forgetOffer(key: string): void {
    const own = this.#tenancies.placeOf(key);
    if (own !== undefined && this.#tenancies.stateAt(own) === 'offered') this.#places.giveBack(own);
  }

  /** True where the client may have this address now: it is its own, or in the pool and nobody's, as long as strangers do not ask for all of it. */
  mayHave(key: string, address: Ipv4, now: number): boolean {
    const holder = this.#tenancies.keyAt(address - this.#first);
    return holder === undefined ? this.has(address) && !this.#chooser.isCrowded(now) : holder === key;
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
      this.#places.giveBack(before);
    }
    const lease: Lease = { address, ...tenant, state: 'bound', expires };
    this.#places.lease(place, lease);
    changes.push({ kind: 'put', lease });
    return changes;
  }

  /** The client gives its address back; it stays the client's favourite as long as nobody needs it. */
  release(key: string, address: Ipv4, now: number): LeaseChange[] {
    const own = this.leaseOf(key);
    if (own?.address !== address || own.state !== 'bound') return [];
    const lease: Lease = { ...own, state: 'released', expires: now };
    this.#places.lease(address - this.#first, lease);
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
    this.#places.giveBack(address - this.#first);
    return { was, changes: [{ kind: 'remove', address }] };
  }

  /**
   * The client found the address that it has leased in use by a stranger: nobody gets it for an hour. Where that is true of a quarter of the
   * pool already, the client alone loses it.
   */
  decline(tenant: Tenant, address: Ipv4, now: number): LeaseChange[] {
    const place = address - this.#first;
    if (this.#tenancies.placeOf(tenant.key) !== place) return [];
    if (this.#tenancies.stateAt(place) !== 'bound') return [];
    if (this.declined >= Math.max(1, this.size * MOST_DECLINED)) {
      this.#places.giveBack(place);
      return [{ kind: 'remove', address }];
    }
    this.#places.remove(place);
    const lease: Lease = { ...tenant, address, key: '', state: 'declined', expires: now + QUARANTINE_TIME };
    this.#places.lease(place, lease);
    return [{ kind: 'put', lease }];
  }

  /** How many addresses are left alone because a stranger uses them; one whose time is over counts until it is given out again. */
  get declined(): number {
    return this.#tenancies.declined;
  }

  get #free() {
    return this.#places.free;
  }

  get #tenancies() {
    return this.#places.tenancies;
  }
}
