import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Lease } from './lease.ts';
import { allLeases } from './lease-pages.ts';

const BUSY_MS = 500;

/**
 * The leases in a database that another process writes, or has written; none where there is no such file.
 *
 * @throws Error where it cannot be read now.
 */
export function readLeases(file: string): Lease[] {
  if (!existsSync(file)) return [];
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    return allLeases(database);
  } finally {
    database.close();
  }
}
