import type { DatabaseSync } from 'node:sqlite';
import type { Lease } from './lease.ts';

/** So much is read in some 10 ms, and nothing holds more than so many as text. */
const LEASES_A_PAGE = 20_000;
/** As JSON: SQLite makes one text of a page in a fraction of the time that it takes to hand over its rows. */
const PAGE = `
  SELECT json_group_array(json_object(
    'address', address, 'key', key, 'mac', mac, 'hostName', host_name, 'state', state, 'expires', expires
  )) AS leases
  FROM (SELECT * FROM lease WHERE address > ? ORDER BY address LIMIT ${LEASES_A_PAGE})`;

/** The leases that come after this address, by address, as JSON; an empty array behind the last. */
export function leasePage(database: DatabaseSync, after: number): string {
  return database.prepare(PAGE).get(after)?.leases as string;
}

const CHOSEN = `
  SELECT json_group_array(json_object(
    'address', address, 'key', key, 'mac', mac, 'hostName', host_name, 'state', state, 'expires', expires
  )) AS leases
  FROM lease WHERE address IN (SELECT value FROM json_each(?))`;

/** The leases of these addresses, as JSON. */
export function chosenLeases(database: DatabaseSync, addresses: readonly number[]): string {
  return database.prepare(CHOSEN).get(JSON.stringify(addresses))?.leases as string;
}

/** All leases at one moment, by address. */
export function allLeases(database: DatabaseSync): Lease[] {
  const leases: Lease[] = [];
  database.exec('BEGIN');
  try {
    for (let after: number | undefined = -1; after !== undefined; ) {
      const page = JSON.parse(leasePage(database, after)) as Lease[];
      for (const lease of page) leases.push(lease);
      after = page.at(-1)?.address;
    }
  } finally {
    if (database.isTransaction) database.exec('COMMIT');
  }
  return leases;
}
