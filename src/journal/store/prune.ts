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
/** Runs are shortened by that much at a time, so that not every batch has to. */
const FORGET_MS = 60_000;
const MOST_RUNS = 1000;
const MOST_GAPS = 1000;

/**
 * Takes away a little of what is too old or too much, the oldest first; called after every batch. Runs are shortened by what is gone: what
 * is not kept any more counts as not known. Must be inside a transaction.
 */
export function prune(database: DatabaseSync, now: number, { age, bytes }: Bounds): void {
  const cut = now - age;
  for (const shelf of [SHELF.told, SHELF.packet]) dropOlder(database, shelf, cut);
  dropOlder(database, SHELF.progress, Math.max(cut, now - PROGRESS_AGE_MS));
  if (used(database) > bytes) dropOldest(database);
  const from = numberOf(database, 'SELECT coalesce(min(started), 9e15) FROM run');
  if (from < cut) forget(database, cut + FORGET_MS);
  limitRuns(database);
  limitGaps(database);
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

function dropOlder(database: DatabaseSync, shelf: number, cut: number): void {
  const older = 'SELECT id FROM event WHERE shelf = ? AND at < ? ORDER BY at LIMIT ?';
  database.prepare(`DELETE FROM event WHERE id IN (${older})`).run(shelf, cut, CHUNK);
}

function dropOldest(database: DatabaseSync): void {
  const oldest = 'SELECT id, at FROM event ORDER BY id LIMIT ?';
  const last = database.prepare(`SELECT max(id) AS id, at FROM (${oldest})`).get(CHUNK);
  const { id, at } = last as { id: number | null; at: number };
  if (id === null) return;
  database.prepare('DELETE FROM event WHERE id <= ?').run(id);
  forget(database, at);
}

/** Nothing is known any more of the time before that moment. */
function forget(database: DatabaseSync, moment: number): void {
  database.prepare('DELETE FROM gap WHERE last <= ?').run(moment);
  database.prepare('DELETE FROM run WHERE seen <= ?').run(moment);
  database.prepare('UPDATE run SET started = ? WHERE started < ?').run(moment, moment);
}

function limitRuns(database: DatabaseSync): void {
  const more = numberOf(database, 'SELECT count(*) FROM run') - MOST_RUNS;
  if (more > 0) database.exec(`DELETE FROM run WHERE id IN (SELECT id FROM run ORDER BY id LIMIT ${more})`);
}

/** The older half becomes one gap: a stretch of time may never look better known than it is. */
function limitGaps(database: DatabaseSync): void {
  if (numberOf(database, 'SELECT count(*) FROM gap') <= MOST_GAPS) return;
  const older = 'SELECT first, last, events, id FROM gap ORDER BY first LIMIT ?';
  const sum = `SELECT min(first) AS first, max(last) AS last, sum(events) AS events FROM (${older})`;
  const { first, last, events } = database.prepare(sum).get(MOST_GAPS / 2)!;
  database.prepare(`DELETE FROM gap WHERE id IN (SELECT id FROM (${older}))`).run(MOST_GAPS / 2);
  database.prepare('INSERT INTO gap (first, last, events) VALUES (?, ?, ?)').run(first!, last!, events!);
}
