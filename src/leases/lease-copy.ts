import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Lease } from './lease.ts';
import { LeaseDatabase } from './lease-database.ts';
import type { Dating } from './redate.ts';

/**
 * The leases in a database that cannot be written at present, which SQLite therefore does not open: read from a copy of it, with what stands in its
 * log alone. None where there is no database yet.
 *
 * @throws Error where it is there and cannot be read: nobody knows then what was promised.
 */
export function leasesOfCopy(file: string, now: Dating | undefined): Lease[] {
  if (!isThere(file)) return [];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'remoteboot-leases-'));
  try {
    const copy = path.join(folder, path.basename(file));
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const database = new LeaseDatabase(copy);
    const leases: Lease[] = [];
    try {
      for (let page = read(database, -1, now); page.length > 0; page = read(database, page.at(-1)!.address))
        for (const lease of page) leases.push(lease);
    } finally {
      database.close();
    }
    return leases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(database: LeaseDatabase, after: number, now?: Dating): Lease[] {
  return JSON.parse(database.load(after, now)) as Lease[];
}

function isThere(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
