import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isDamaged, openDatabase, putAside, type SetAside } from '../../platform/database.ts';
import { type Batch, decodeBatch } from './batch.ts';
import { type Bounds, prune, shrink } from './prune.ts';
import type { Lost } from './queue.ts';
import { SCHEMA, VERSION } from './schema.ts';

/** What one transaction writes: events, what was lost before them, and the sign that the run goes on, or has ended. */
export interface Write {
  readonly batch: Batch;
  readonly lost: Lost | undefined;
  readonly run: { readonly from: number; readonly seen: number; readonly ended: boolean };
}

const BUSY_TIMEOUT_MS = 1000;
const PAGE_BYTES = 4096;
/** SQLite's own measure of how long the -wal file gets, for journals that are not tiny. */
const MOST_WAL_PAGES = 1000;
const FEWEST_WAL_PAGES = 64;
const KEEP_ASIDE = 1;

/** One service's journal, as its one writer has it. Opens itself when there is something to write, again after every failure. */
export class JournalDatabase {
  readonly #file: string;
  readonly #bounds: Bounds;
  readonly #walPages: number;
  #database: DatabaseSync | undefined;
  #insert: StatementSync | undefined;
  #inode = 0;
  #run: RunRow | undefined;
  #setAside: SetAside | undefined;

  /** `days` and `bytes` are what the journal may hold; the bytes are for all of its files. `continues` is the run that another has begun. */
  constructor(file: string, days: number, bytes: number, continues?: number) {
    this.#file = file;
    if (continues !== undefined) this.#run = { from: continues, id: UNKNOWN };
    this.#walPages = Math.min(MOST_WAL_PAGES, Math.max(FEWEST_WAL_PAGES, bytes / 16 / PAGE_BYTES)) | 0;
    this.#bounds = { age: days * 86_400_000, bytes: bytes - 2 * this.#walPages * PAGE_BYTES };
  }

  /**
   * All of it or nothing.
   *
   * @returns the journal that was set aside for this, where one was
   * @throws SqliteError where it cannot be written now
   */
  write(write: Write): SetAside | undefined {
    try {
      this.#transact(this.#ready(write), write);
    } catch (error) {
      this.close();
      if (isDamaged(error)) this.#setAside = { file: putAside(this.#file, KEEP_ASIDE), why: 'damaged' };
      throw error;
    }
    const setAside = this.#setAside;
    this.#setAside = undefined;
    return setAside;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #ready({ run, batch }: Write): DatabaseSync {
    if (this.#database && this.#inode !== inodeOf(this.#file)) this.close();
    if (this.#database) return this.#database;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    const { database, fresh, setAside } = openDatabase(this.#file, {
      synchronous: 'NORMAL',
      busyTimeout: BUSY_TIMEOUT_MS,
      version: VERSION,
      schema: SCHEMA,
      known: 'SELECT event.id, at, kind, mac, shelf, data, bytes, seen, epoch FROM event, run, journal',
      pragmas: 'PRAGMA auto_vacuum = INCREMENTAL',
      keepAside: KEEP_ASIDE,
    });
    database.exec(
      `PRAGMA wal_autocheckpoint = ${this.#walPages}; PRAGMA journal_size_limit = ${this.#walPages * PAGE_BYTES}`,
    );
    this.#database = database;
    this.#inode = inodeOf(this.#file);
    this.#setAside = setAside ?? this.#setAside;
    this.#insert = database.prepare(
      'INSERT INTO event (at, kind, mac, shelf, data, bytes) VALUES (?, ?, ?, ?, ?, ?)',
    );
    if (fresh && this.#run?.from === run.from) this.#run = beginRun(database, run.from, startOf(batch, run));
    else if (this.#run?.id === UNKNOWN) this.#run = { from: this.#run.from, id: newestRun(database) };
    return database;
  }

  #transact(database: DatabaseSync, { batch, lost, run }: Write): void {
    database.exec('BEGIN IMMEDIATE');
    for (const { at, kind, mac, shelf, data, bytes } of decodeBatch(batch))
      this.#insert!.run(at, kind, mac, shelf, data, bytes);
    if (lost)
      database
        .prepare('INSERT INTO gap (first, last, events) VALUES (?, ?, ?)')
        .run(lost.from, lost.to, lost.events);
    const signed = sign(database, this.#run, run);
    prune(database, run.seen, this.#bounds);
    database.exec('COMMIT');
    this.#run = signed;
    shrink(database);
  }
}

/** A run in a journal that was begun in the midst of it is known only from there on. */
function startOf(batch: Batch, { seen }: Write['run']): number {
  const [first] = decodeBatch(batch);
  return first?.at ?? seen;
}

/** A row that is not there. */
const UNKNOWN = -1;

function newestRun(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(id) AS id FROM run WHERE ended = 0').get()?.id ?? UNKNOWN);
}

interface RunRow {
  readonly from: number;
  readonly id: number | bigint;
}

function sign(database: DatabaseSync, row: RunRow | undefined, { from, seen, ended }: Write['run']): RunRow {
  const same = row?.from === from ? row : beginRun(database, from, from);
  const update = database.prepare('UPDATE run SET seen = ?, ended = ? WHERE id = ?');
  if (update.run(seen, Number(ended), same.id).changes > 0) return same;
  return beginRun(database, from, seen);
}

function beginRun(database: DatabaseSync, from: number, started: number): RunRow {
  const { lastInsertRowid } = database
    .prepare('INSERT INTO run (started, seen, ended) VALUES (?, ?, 0)')
    .run(started, started);
  return { from, id: lastInsertRowid };
}

/** 0 where the file is gone: then it is made anew, for nobody could read what is written to it. */
function inodeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
}
