import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { LEASE_FILE, type LeaseChange } from '../src/leases/lease.ts';
import { SqliteLeaseStore } from '../src/leases/sqlite-store.ts';
import { parseIpv4 } from '../src/protocol/ipv4.ts';

/** What is in a state folder's lease database before a server starts. */
export interface Filling {
  /** First address of the pool. */
  readonly start: string;
  /** Addresses from there on that have a lease, each of a machine of its own. */
  readonly leases: number;
  /** How many of them are over. */
  readonly over: number;
  /** How leases end: in the order of their addresses, or in none. */
  readonly ends: 'in order' | 'in no order';
}

const A_DAY = 86_400;
/** Shares no factor with powers of two, so that its multiples go through all of a pool in what looks like no order. */
const STRIDE = 7919;

/** Makes the folder and its lease database. */
export async function fillPool(state: string, { start, leases, over, ends }: Filling): Promise<void> {
  mkdirSync(state, { recursive: true });
  const store = new SqliteLeaseStore(path.join(state, LEASE_FILE));
  const first = parseIpv4(start)!;
  const now = Math.floor(Date.now() / 1000);
  // An empty save makes nothing; this one makes the database.
  let changes: LeaseChange[] = [{ kind: 'remove', address: 0 }];
  for (let n = 0; n < leases; n++) {
    const mac = `02:aa:00${n.toString(16).padStart(6, '0').replaceAll(/../g, ':$&')}`;
    const turn = ends === 'in order' ? n : (n * STRIDE) % leases;
    const expires = turn < over ? now - A_DAY + Math.floor((turn / over) * (A_DAY / 2)) : now + A_DAY + turn;
    const lease = { address: first + n, key: `1/${mac}`, mac, hostName: `machine-${n}`, expires };
    changes.push({ kind: 'put', lease: { ...lease, state: 'bound' } });
    if (changes.length < 20_000) continue;
    await store.save(changes);
    changes = [];
  }
  await store.save(changes);
  await store.close();
}
