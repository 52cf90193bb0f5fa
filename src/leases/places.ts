import type { Ipv4 } from '../protocol/ipv4.ts';
import { Deadlines, ExpiryQueue } from './expiry-queue.ts';
import type { Lease } from './lease.ts';
import { OFFER_TIME, Offers } from './offers.ts';
import { FreeAddresses, type PoolShape } from './pool.ts';
import { Sources } from './sources.ts';
import { Tenancies } from './tenancies.ts';

/**
 * Seconds that an address is left to its machine after its lease: times here are whole seconds, a restart may shift them by two, and a machine
 * counts from the moment at which it asked, by a clock of its own.
 */
export const AFTER_LEASE = 5;

/** The addresses of a pool by who has them: nobody, somebody by an offer, somebody by a lease. Each is told by its place in the pool. */
export class Places {
  readonly first: Ipv4;
  readonly free: FreeAddresses;
  readonly tenancies: Tenancies;
  readonly sources = new Sources();
  readonly offers: Offers;
  /** Leased, released or declined. */
  readonly leases: ExpiryQueue;

  constructor(shape: PoolShape) {
    const deadlines = new Deadlines(shape.count);
    this.first = shape.first;
    this.free = new FreeAddresses(shape, deadlines);
    this.tenancies = new Tenancies(shape);
    this.offers = new Offers(deadlines, shape.count, this.sources);
    this.leases = new ExpiryQueue(deadlines);
  }

  lease(place: number, lease: Lease): void {
    this.free.take(place);
    this.offers.remove(place);
    this.tenancies.lease(place, lease);
    this.leases.put(place, lease.state === 'bound' ? lease.expires + AFTER_LEASE : lease.expires);
  }

  /** Its client asks again: it is kept for a minute from now. */
  keep(place: number, now: number): void {
    if (this.offers.repeat(place, now)) return;
    if (now + OFFER_TIME > this.leases.untilOf(place)) this.leases.put(place, now + OFFER_TIME);
  }

  /** It is nobody's, and not among the free ones either. */
  remove(place: number): void {
    this.offers.remove(place);
    this.leases.remove(place);
    this.tenancies.clear(place);
  }

  giveBack(place: number): void {
    this.remove(place);
    this.free.giveBack(place);
  }
}
