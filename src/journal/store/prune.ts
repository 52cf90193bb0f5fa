import type { DatabaseSync } from 'node:sqlite';
import { numberOf } from '../../platform/database.ts';
import { SHELF } from './schema.ts';

/** How much of the past is kept: milliseconds, and bytes of the database without its free pages. */
export interface Bounds {
  readonly age: number;
  readonly bytes: number;
}

/** How far a transfer had come is of no interest once it has long ended. */
const PROGRESS_AGE_MS = 3_600_000;
/** So many rows go at once: some 20 ms. */
const CHUNK = 2000;
const CHUNK_PAGES = 256;
const FORGET_EVERY_MS = 60_000;
const MOST_RUNS = 1000;
const MOST_GAPS = 1000;

/**
 * Takes away a little of what is too old or too much, the oldest first; called after every batch. Runs are shortened by what is gone: what
 * is not kept any more counts as not known. Must be inside a transaction.
 */
export function prune(database: DatabaseSync, now: number, { age, bytes }: Bounds): void {
  database
    .prepare(
      'DELETE FROM event WHERE id IN (SELECT id FROM event WHERE shelf = ? AND at < ? ORDER BY at LIMIT ?)',
    )
    .run(SHELF.progress, now - PROGRESS_AGE_MS, CHUNK);
  const cut = now - age;
  if (used(database) > bytes) dropOldest(database, Number.MAX_SAFE_INTEGER);
  else if (numberOf(database, 'SELECT at FROM event ORDER BY id LIMIT 1') < cut) dropOldest(database, cut);
  const from = numberOf(database, 'SELECT coalesce(min(started), 9e15) FROM run');
  if (from < cut - FORGET_EVERY_MS) forget(database, cut);
  limitRuns(database);
}

/** Gives pages that became free back to the file system, a few at a time; must be outside of a transaction. */
export function shrink(database: DatabaseSync): void {
  const free = numberOf(database, 'PRAGMA freelist_count');
  const pages = numberOf(database, 'PRAGMA page_count');
  // A few free pages are taken up again by the next events.
  if (free > CHUNK_PAGES && free > pages / 8) database.exec(`PRAGMA incremental_vacuum(${CHUNK_PAGES})`);
}

function used(database: DatabaseSync): number {
  const pages = numberOf(database, 'PRAGMA page_count') - numberOf(database, 'PRAGMA freelist_count');
  return pages * numberOf(database, 'PRAGMA page_size');
}

/** Deletes of the oldest events those before that moment. */
function dropOldest(database: DatabaseSync, before: number): void {
  const last = database
    .prepare('SELECT max(id) AS id, at FROM (SELECT id, at FROM event ORDER BY id LIMIT ?) WHERE at < ?')
    .get(CHUNK, before) as { id: number | null; at: number };
  if (last.id === null) return;
  database.prepare('DELETE FROM event WHERE id <= ?').run(last.id);
  forget(database, last.at);
}

/** Nothing is known any more of the time before that moment. */
function forget(database: DatabaseSync, moment: number): void {
  database.prepare('DELETE FROM gap WHERE last <= ?').run(moment);
  database.prepare('DELETE FROM run WHERE seen <= ?').run(moment);
  database.prepare('UPDATE run SET started = ? WHERE started < ?').run(moment, moment);
}

function limitRuns(database: DatabaseSync): void {
  const runs = numberOf(database, 'SELECT count(*) FROM run');
  if (runs > MOST_RUNS)
    database.exec(`DELETE FROM run WHERE id IN (SELECT id FROM run ORDER BY id LIMIT ${runs - MOST_RUNS})`);
  const gaps = numberOf(database, 'SELECT count(*) FROM gap');
  if (gaps <= MOST_GAPS) return;
  // The older half becomes one gap: a stretch of time may never look better known than it is.
  const half = `(SELECT id FROM gap ORDER BY id LIMIT ${gaps / 2})`;
  database.exec(
    `INSERT INTO gap (first, last, events) SELECT min(first), max(last), sum(events) FROM gap WHERE id IN ${half};
     DELETE FROM gap WHERE id IN ${half}`,
  );
}
