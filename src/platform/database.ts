import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface DatabaseOptions {
  /** FULL: a commit that returned survives a power cut. NORMAL: it survives the end of the process, and costs no fsync. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** So many milliseconds a locked database is waited for. */
  readonly busyTimeout: number;
  /** PRAGMA user_version of a database that this program can read. */
  readonly version: number;
  /** Statements that make the tables of a new database. */
  readonly schema: string;
  /** A query that only a database with these tables understands; without one, any will do. */
  readonly known?: string;
  /** Further pragmas; run before there are tables. */
  readonly pragmas?: string;
  /** So many databases that were set aside are kept; the oldest go. */
  readonly keepAside: number;
}

/** A database under another name: it could not be read, was made by another version of this program, or is none of its. */
export interface SetAside {
  readonly file: string;
  readonly why: 'damaged' | 'version' | 'foreign';
}

export interface Opened {
  readonly database: DatabaseSync;
  /** It was made just now. */
  readonly fresh: boolean;
  readonly setAside?: SetAside;
}

/** An error of SQLite; `errcode` is its extended result code. */
export type SqliteError = Error & { readonly errcode?: number };

const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
/** Looking through a larger database at every start takes longer than it is worth. */
const CHECK_UP_TO_BYTES = 256e6;

/** SQLite's primary result code; 0 where the error is none of its. */
export function resultCode(error: unknown): number {
  return ((error as SqliteError).errcode ?? 0) & 0xff;
}

export function isDamaged(error: unknown): boolean {
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(resultCode(error));
}

/**
 * Opens the SQLite file for its one writer, and makes it where it is missing. WAL: readers in other containers never block it. A
 * database that cannot be read is kept under another name for whoever wants to look, and a new one is begun.
 *
 * @throws SqliteError where it cannot be opened or written now
 */
export function openDatabase(file: string, options: DatabaseOptions): Opened {
  const opened = open(file, options);
  if (typeof opened !== 'string') return opened;
  const setAside = { file: putAside(file, options.keepAside), why: opened };
  const again = open(file, options);
  if (typeof again === 'string') throw new Error(`${file} cannot be used, though it was made anew`);
  return { ...again, setAside };
}

/** Gives the database a name with the date and returns that; of those that were set aside before the newest are kept. It must be closed. */
export function putAside(file: string, keep: number, now = new Date()): string {
  const aside = freeName(`${file}.set-aside-${now.toISOString().replace(/[-:]|\.\d+Z$/g, '')}`);
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  const folder = path.dirname(file);
  const others = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) =>
      entry.name.startsWith(`${path.basename(file)}.set-aside-`) &&
      /\d$/.test(entry.name) &&
      entry.name !== path.basename(aside) &&
      !entry.isDirectory(),
  );
  // The new one stays whatever its name says: the clock may have been set back.
  const names = others.map(({ name }) => name).toSorted();
  for (const old of names.slice(0, Math.max(0, names.length - keep + 1))) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(folder, old + suffix), { force: true });
  }
  return aside;
}

function freeName(name: string): string {
  let free = name;
  for (let n = 2; existsSync(free); n++) free = `${name}-${n}`;
  return free;
}

function open(file: string, options: DatabaseOptions): Opened | SetAside['why'] {
  // As Docker makes one where a file was to be mounted that was not there.
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return 'foreign';
  const database = new DatabaseSync(file, { timeout: options.busyTimeout });
  try {
    database.exec(options.pragmas ?? '');
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${options.synchronous}`);
    const fresh = numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0;
    if (fresh) {
      database.exec(`BEGIN IMMEDIATE; ${options.schema}; PRAGMA user_version = ${options.version}; COMMIT`);
      return { database, fresh };
    }
    const fault = faultOf(database, file, options);
    if (fault) database.close();
    return fault ?? { database, fresh };
  } catch (error) {
    database.close();
    // What is asked here is right: SQL that fails fails on what stands in the file, as "unsupported file format".
    const atFault = isDamaged(error) || resultCode(error) === SQLITE_ERROR;
    if (atFault && existsSync(file)) return 'damaged';
    throw error;
  }
}

function faultOf(
  database: DatabaseSync,
  file: string,
  { version, known }: DatabaseOptions,
): SetAside['why'] | undefined {
  const found = numberOf(database, 'PRAGMA user_version');
  // What other programs make has no version most often.
  if (found !== version && found !== 0) return 'version';
  if (!understands(database, known)) return 'foreign';
  if (found !== version) return 'version';
  if (statSync(file).size > CHECK_UP_TO_BYTES) return undefined;
  const faults = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
  return faults[0] === 'ok' ? undefined : 'damaged';
}

function understands(database: DatabaseSync, query: string | undefined): boolean {
  if (query === undefined) return true;
  try {
    database.prepare(query);
    return true;
  } catch (error) {
    if (resultCode(error) === SQLITE_ERROR) return false;
    throw error;
  }
}

/** The first column of the first row. */
export function numberOf(database: DatabaseSync, query: string): number {
  return Number(Object.values(database.prepare(query).get() ?? {})[0] ?? 0);
}
