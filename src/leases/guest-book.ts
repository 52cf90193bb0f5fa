import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Ledger, Preview, Tenant } from './book.ts';
import type { Lease, LeaseChange } from './lease.ts';

/** What strangers do on the wire is none of its doing. */
const SOURCE = 'guest';

/**
 * A book for whoever may have an address and nothing more: it cannot choose one, nor put any out of use for others. That it has no more than one
 * at a time is up to its key.
 */
export class GuestBook implements Ledger {
  readonly #book: Ledger;

  constructor(book: Ledger) {
    this.#book = book;
  }

  get size(): number {
    return this.#book.size;
  }

  get declined(): number {
    return this.#book.declined;
  }

  has(address: Ipv4): boolean {
    return this.#book.has(address);
  }

  leaseOf(key: string): Lease | undefined {
    return this.#book.leaseOf(key);
  }

  leases(): Generator<Lease> {
    return this.#book.leases();
  }

  leaseAt(address: Ipv4): Lease | undefined {
    return this.#book.leaseAt(address);
  }

  isOthers(key: string, address: Ipv4): boolean {
    return this.#book.isOthers(key, address);
  }

  mayHave(key: string, address: Ipv4, now: number): boolean {
    return this.#book.mayHave(key, address, now);
  }

  offer(key: string, now: number): Ipv4 | undefined {
    return this.#book.offer(key, now, undefined, SOURCE);
  }

  preview(key: string, now: number): Preview | undefined {
    return this.#book.preview(key, now, undefined, SOURCE);
  }

  /** What it is given is short anyway. */
  isOnProbation(): boolean {
    return false;
  }

  lease(tenant: Tenant, address: Ipv4, expires: number): LeaseChange[] {
    return this.#book.lease(tenant, address, expires);
  }

  release(key: string, address: Ipv4, now: number): LeaseChange[] {
    return this.#book.release(key, address, now);
  }

  forgetOffer(key: string): void {
    this.#book.forgetOffer(key);
  }

  /** A relay that it tells of may not exist. */
  exclude(): void {}

  /** Each would put an address out of use for an hour. */
  decline(): LeaseChange[] {
    return [];
  }

  restore(): LeaseChange[] {
    return [];
  }

  free(): undefined {
    return undefined;
  }
}
