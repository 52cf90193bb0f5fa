import type { Ipv4 } from '../protocol/ipv4.ts';
import { LATER, type Ledger, type Preview, type Tenant } from './book.ts';
import type { Lease, LeaseChange } from './lease.ts';

/**
 * A book as it would answer now, for whoever wants to know: what is offered and leased here is remembered here, as far as the client goes that it
 * was given to, and never reaches the book.
 */
export class BookView implements Ledger {
  readonly #book: Ledger;
  readonly #excluded = new Set<Ipv4>();
  /** What clients were offered here, and what they have leased of it. */
  readonly #given = new Map<string, { readonly address: Ipv4; readonly lease?: Lease }>();

  constructor(book: Ledger) {
    this.#book = book;
  }

  get size(): number {
    return this.#book.size - [...this.#excluded].filter((address) => this.#book.has(address)).length;
  }

  get declined(): number {
    return this.#book.declined;
  }

  has(address: Ipv4): boolean {
    return this.#book.has(address) && !this.#excluded.has(address);
  }

  leaseOf(key: string): Lease | undefined {
    return this.#given.get(key)?.lease ?? this.#book.leaseOf(key);
  }

  leases(): Generator<Lease> {
    return this.#book.leases();
  }

  leaseAt(address: Ipv4): Lease | undefined {
    return this.#book.leaseAt(address);
  }

  isOthers(key: string, address: Ipv4): boolean {
    return this.#given.get(key)?.address !== address && this.#book.isOthers(key, address);
  }

  mayHave(key: string, address: Ipv4, now: number): boolean {
    if (this.#given.get(key)?.address === address) return true;
    return (
      this.#book.mayHave(key, address, now) && (this.has(address) || this.leaseOf(key)?.address === address)
    );
  }

  offer(key: string, now: number, wish?: Ipv4, source?: string): Ipv4 | undefined {
    const { address, why } = this.preview(key, now, wish, source) ?? {};
    if (address !== undefined) this.#given.set(key, { ...this.#given.get(key), address });
    return why === 'later' ? LATER : address;
  }

  preview(key: string, now: number, wish?: Ipv4, source?: string): Preview | undefined {
    const given = this.#given.get(key);
    if (given) {
      const isOwn = this.leaseOf(key)?.address === given.address;
      return { address: given.address, why: isOwn ? 'own' : 'offered' };
    }
    return this.#book.preview(key, now, wish, source, this.#excluded);
  }

  isOnProbation(key: string, now: number): boolean {
    return this.#given.get(key)?.lease === undefined && this.#book.isOnProbation(key, now);
  }

  /** For this view alone. */
  exclude(address: Ipv4): void {
    this.#excluded.add(address);
  }

  forgetOffer(): void {}

  lease(tenant: Tenant, address: Ipv4, expires: number): LeaseChange[] {
    this.#given.set(tenant.key, { address, lease: { address, ...tenant, state: 'bound', expires } });
    return [];
  }

  release(): LeaseChange[] {
    return [];
  }

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
