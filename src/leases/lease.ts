import type { Ipv4 } from '../protocol/ipv4.ts';

/** Its database, inside STATE_DIR. */
export const LEASE_FILE = 'leases.sqlite';

/** What is known of one address that was promised to somebody; the unit that is stored. */
export interface Lease {
  readonly address: Ipv4;
  /** Key of the client; empty for a declined address, which belongs to nobody. */
  readonly key: string;
  readonly mac: string;
  readonly hostName: string;
  /** bound: promised, until `expires` at least. released: given back. declined: a stranger uses it. */
  readonly state: 'bound' | 'released' | 'declined';
  /** Seconds since 1970; from then on the address may go to somebody else. */
  readonly expires: number;
}

export type LeaseChange =
  | { readonly kind: 'put'; readonly lease: Lease }
  | { readonly kind: 'remove'; readonly address: Ipv4 };

/**
 * Where leases survive a crash. A save is on disk, all of it or nothing, before its promise resolves; saves take effect in the
 * order of the calls.
 */
export interface LeaseStore {
  /** All leases, in parts. Nothing may be saved meanwhile. */
  load(): AsyncIterable<readonly Lease[]>;
  save(changes: readonly LeaseChange[]): Promise<void>;
  /** Waits for saves under way. */
  close(): Promise<void>;
}
