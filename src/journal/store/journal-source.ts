import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Service } from '../../config/resolve.ts';
import { numberOf } from '../../platform/database.ts';
import type { Recorded } from '../recorded.ts';
import { eventOf, type Row } from './batch.ts';
import { journalFile, VERSION } from './schema.ts';
import { readSign, type Sign } from './sign-file.ts';

/** A row as a reader gets it. */
export type StoredRow = Omit<Row, 'shelf'> & { readonly id: number };

const READ_AHEAD = 500;

/**
 * One service's journal, followed. It may not be there yet, be replaced, or be unreadable for a while: then it has nothing to give, and is
 * looked for again at the next call.
 */
export class JournalSource {
  readonly service: Service;
  readonly #file: string;
  #database: DatabaseSync | undefined;
  /** Device and inode: a journal that was set aside has another one in its place. */
  #identity = '';
  #epoch: unknown;
  #cursor = 0;
  #ahead: Recorded[] = [];
  #read = 0;
  #exhausted = false;
  #problem: string | undefined;

  constructor(state: string, service: Service) {
    this.service = service;
    this.#file = journalFile(state, service);
  }

  /** Why it cannot be read, though it is there. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** From here on {@link head} looks into the journal again. */
  refresh(): void {
    this.#exhausted = false;
    this.use(undefined, () => undefined);
  }

  /** The next event; undefined where there is none. */
  head(): Recorded | undefined {
    if (this.#read === this.#ahead.length && !this.#exhausted) {
      this.#ahead = this.use([], (database) => this.#readOn(database));
      this.#read = 0;
      this.#exhausted = this.#ahead.length === 0;
    }
    return this.#ahead[this.#read];
  }

  /** Goes on behind {@link head}. */
  advance(): void {
    this.#read += 1;
  }

  /** What `ask` makes of the database; `otherwise` where it is not there or cannot be read. */
  use<T>(otherwise: T, ask: (database: DatabaseSync) => T): T {
    try {
      const database = this.#opened();
      const answer = database ? ask(database) : otherwise;
      this.#problem = undefined;
      return answer;
    } catch (error) {
      this.close();
      this.#problem = `${this.#file} cannot be read: ${(error as Error).message}`;
      return otherwise;
    }
  }

  /** The service's last sign of life beside the journal; to be read before the journal that it vouches for. */
  sign(): Sign | undefined {
    return readSign(this.#file);
  }

  recorded(row: StoredRow): Recorded[] {
    try {
      return [{ service: this.service, id: row.id, at: row.at, event: eventOf(row) }];
    } catch {
      // One row that is no JSON is no reason to read nothing that comes after it.
      return [];
    }
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #opened(): DatabaseSync | undefined {
    const found = statSync(this.#file, { throwIfNoEntry: false });
    const identity = found ? `${found.dev}:${found.ino}` : '';
    if (identity !== this.#identity) this.close();
    this.#identity = identity;
    if (this.#database || !found) return this.#database;
    const database = new DatabaseSync(this.#file, { readOnly: true, timeout: 0 });
    this.#database = database;
    const epoch = epochOf(database);
    if (epoch === undefined) this.close();
    // One that was begun anew is read from its start.
    else if (epoch !== this.#epoch) this.#cursor = 0;
    this.#epoch = epoch ?? this.#epoch;
    return this.#database;
  }

  #readOn(database: DatabaseSync): Recorded[] {
    const rows = database
      .prepare('SELECT id, at, kind, mac, data, bytes FROM event WHERE id > ? ORDER BY id LIMIT ?')
      .all(this.#cursor, READ_AHEAD) as unknown as StoredRow[];
    this.#cursor = rows.at(-1)?.id ?? this.#cursor;
    return rows.flatMap((row) => this.recorded(row));
  }
}

/** undefined where its writer is just about to make it. */
function epochOf(database: DatabaseSync): unknown {
  if (numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0) return undefined;
  const version = numberOf(database, 'PRAGMA user_version');
  if (version !== VERSION) throw new Error(`it is of version ${version}, this program reads ${VERSION}`);
  return database.prepare('SELECT epoch FROM journal').get()?.epoch;
}
