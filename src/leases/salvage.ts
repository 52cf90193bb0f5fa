import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Lease } from './lease.ts';

/** Each costs a millisecond at most; what lies between so many faults is left. */
const MOST_FAULTS = 5000;
const LAST_ADDRESS = 2 ** 32 - 1;
const STATES: readonly unknown[] = ['bound', 'released', 'declined'] satisfies Lease['state'][];

/**
 * What can still be read of a damaged lease database: row by row, around the pages that cannot be. Never throws; nothing where not even its tables
 * can be made out. The file must be nobody else's.
 */
export function salvage(file: string): Lease[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, defensive: false });
    // SQLite's way to read one that is shorter than it says.
    database.exec('PRAGMA writable_schema = ON');
    const rows = database.prepare(
      `SELECT address, key, mac, host_name AS hostName, state, expires FROM lease NOT INDEXED
       WHERE address BETWEEN ? AND ? ORDER BY address`,
    );
    return readAround(rows);
  } catch {
    return [];
  } finally {
    database?.close();
  }
}

function readAround(rows: StatementSync): Lease[] {
  const found = new Map<number, Lease>();
  let faults = 0;
  const ranges: [number, number][] = [[0, LAST_ADDRESS]];
  for (let range = ranges.pop(); range && faults < MOST_FAULTS; range = ranges.pop()) {
    let [from, to] = range;
    try {
      for (const row of rows.iterate(from, to)) {
        if (isLease(row)) found.set(row.address, { ...row });
        from = Math.max(from, Number(row.address) + 1);
      }
    } catch {
      faults += 1;
      // What came before the fault is read; the rest in halves, until the fault is alone.
      const middle = Math.floor((from + to) / 2);
      if (from < to) ranges.push([middle + 1, to], [from, middle]);
    }
  }
  return [...found.values()].toSorted((a, b) => a.address - b.address);
}

function isLease(row: Record<string, unknown>): row is Lease & Record<string, unknown> {
  const { address, key, mac, hostName, state, expires } = row;
  const texts = [key, mac, hostName].every((text) => typeof text === 'string');
  const numbers = Number.isSafeInteger(address) && Number.isSafeInteger(expires);
  return (
    texts && numbers && Number(address) >= 0 && Number(address) <= LAST_ADDRESS && STATES.includes(state)
  );
}
