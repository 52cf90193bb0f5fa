import type { DatabaseSync } from 'node:sqlite';
import { type Dating, redating } from './redate.ts';

/** Beside the leases, in databases that were made before as well. */
export const CLOCK_TABLE = `
  CREATE TABLE IF NOT EXISTS clock (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    now     INTEGER NOT NULL,
    uptime  INTEGER NOT NULL,
    boot    TEXT NOT NULL,
    longest INTEGER NOT NULL,
    epoch   TEXT NOT NULL
  ) STRICT`;

/** Under which clock the leases were kept; undefined where nothing tells. */
export function datingOf(database: DatabaseSync): Dating | undefined {
  const row = database.prepare('SELECT now, uptime, boot, longest FROM clock').get();
  return row as unknown as Dating | undefined;
}

/** Brings all leases to the clock as it is now, see redating; in a transaction of its own. */
export function redate(database: DatabaseSync, now: Dating): void {
  const kept = datingOf(database);
  const { later, last } = redating(kept, now);
  database.exec('BEGIN IMMEDIATE');
  if (later === undefined) {
    database.prepare("UPDATE lease SET expires = ? WHERE state = 'bound'").run(last);
    database.prepare("UPDATE lease SET expires = ? WHERE state <> 'bound'").run(now.now);
  } else {
    if (later !== 0) database.prepare('UPDATE lease SET expires = expires + ?').run(later);
    database.prepare('UPDATE lease SET expires = ? WHERE expires > ?').run(last, last);
  }
  putDating(database, { ...now, longest: Math.max(now.longest, kept?.longest ?? 0) });
  database.exec('COMMIT');
}

/** All leases are kept under another clock from now on: their times are later by so many seconds. In a transaction of its own. */
export function shift(database: DatabaseSync, seconds: number, now: Dating): void {
  database.exec('BEGIN IMMEDIATE');
  database.prepare('UPDATE lease SET expires = expires + ?').run(seconds);
  putDating(database, now);
  database.exec('COMMIT');
}

/** The row keeps its epoch: that tells this database from others that have its name, or its inode, later. */
export function putDating(database: DatabaseSync, { now, uptime, boot, longest }: Dating): void {
  database
    .prepare(
      `INSERT OR REPLACE INTO clock
       VALUES (1, ?, ?, ?, ?, coalesce((SELECT epoch FROM clock), lower(hex(randomblob(8)))))`,
    )
    .run(Math.floor(now), Math.floor(uptime), boot, longest);
}

/** Empty where the database has none yet. */
export function epochOf(database: DatabaseSync): string {
  return String(database.prepare('SELECT epoch FROM clock').get()?.epoch ?? '');
}
