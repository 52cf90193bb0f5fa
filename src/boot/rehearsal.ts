import type { Client } from './client.ts';

/**
 * Who asks where a packet comes from this host itself, whatever the packet says: `rehearse`, or any other program of the host. As one client it
 * never has more than one address, it can touch no machine's lease, and what it does stays out of timelines and counts.
 */
export const REHEARSAL = {
  key: 'rehearsal',
  /** Locally administered; "rehrs". */
  mac: '02:72:65:68:72:73',
  hostName: 'rehearsal',
} as const satisfies Identity;

/** Who a client is, as far as leases, events and lists go. */
export type Identity = Pick<Client, 'key' | 'mac' | 'hostName'>;
