import type { Lease, LeaseChange, LeaseStore } from './lease.ts';

/** Leases in memory alone: for tests and rehearsals, which promise nothing beyond their own run. */
export class MemoryLeaseStore implements LeaseStore {
  readonly #leases = new Map<number, Lease>();

  async *load(): AsyncGenerator<Lease[]> {
    yield [...this.#leases.values()];
  }

  async save(changes: readonly LeaseChange[]): Promise<void> {
    for (const change of changes) {
      if (change.kind === 'put') this.#leases.set(change.lease.address, change.lease);
      else this.#leases.delete(change.address);
    }
  }

  async close(): Promise<void> {}
}
