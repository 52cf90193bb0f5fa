import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Ledger, Preview } from './book.ts';
import type { Lease, LeaseChange } from './lease.ts';

/** A book as it would answer now, for whoever wants to know: nothing that is done here reaches it. */
export class BookView implements Ledger {
  readonly #book: Ledger;
  readonly #excluded = new Set<Ipv4>();

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
    return this.#book.leaseOf(key);
  }

  isOthers(key: string, address: Ipv4): boolean {
    return this.#book.isOthers(key, address);
  }

  mayHave(key: string, address: Ipv4): boolean {
    return this.#book.mayHave(key, address) && (this.has(address) || this.leaseOf(key)?.address === address);
  }

  offer(key: string, now: number, wish?: Ipv4): Ipv4 | undefined {
    return this.preview(key, now, wish)?.address;
  }

  preview(key: string, now: number, wish?: Ipv4): Preview | undefined {
    return this.#book.preview(key, now, wish, this.#excluded);
  }

  /** For this view alone. */
  exclude(address: Ipv4): void {
    this.#excluded.add(address);
  }

  forgetOffer(): void {}

  lease(): LeaseChange[] {
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
