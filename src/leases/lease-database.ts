import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  isDamaged,
  numberOf,
  openDatabase,
  putAside,
  resultCode,
  type SetAside,
} from '../platform/database.ts';
import { CLOCK_TABLE, datingOf, epochOf, putDating, redate, shift } from './dating.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { chosenLeases, leasePage } from './lease-pages.ts';
import type { Dating } from './redate.ts';
import { salvage } from './salvage.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lease (
    address   INTEGER PRIMARY KEY,
    key       TEXT NOT NULL,
    mac       TEXT NOT NULL,
    host_name TEXT NOT NULL,
    state     TEXT NOT NULL,
    expires   INTEGER NOT NULL
  ) STRICT; ${CLOCK_TABLE}`;
const KNOWN = 'SELECT address, key, mac, host_name, state, expires FROM lease';
/** A lease that moves or is renewed is a page in the log: of this size, leases all over a large pool cost half of what they do in 4096 bytes. */
const PAGE_BYTES = 1024;
/** In a rush the log is taken into the database for so many bytes of it: that holds up commits for as long as the disk takes. */
const CHECKPOINT_BYTES = 8 << 20;
const KEEP_ASIDE = 3;
/** SQLITE_BUSY, READONLY and FULL: the next try needs no other connection, and a full disk may not let one be made. */
const PASSING: readonly number[] = [5, 8, 13];

/** A database that leases were found in and that was set aside, with how many of its leases could be read. */
export interface LeasesSetAside extends SetAside {
  readonly salvaged: number;
}

interface Open {
  readonly database: DatabaseSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
  /** Device and inode of the database and of its log. */
  readonly files: string;
  readonly bytes: number;
}

/** The lease database as its one writer has it. Opens itself when there is something to do, anew where it was taken away or damaged. */
export class LeaseDatabase {
  readonly #file: string;
  #open: Open | undefined;
  #setAside: LeasesSetAside | undefined;
  /** Under which clock leases are saved. */
  #dating: Dating | undefined;
  /** Set as long as those in the database may be under another. */
  #isUndated = false;

  constructor(file: string, dating?: Dating) {
    this.#file = file;
    this.#dating = dating;
  }

  /** Tells the database from others of its name; empty where none is open. */
  get identity(): string {
    if (!this.#open) return '';
    return `${identityOf(this.#file)} ${epochOf(this.#open.database)}`;
  }

  /** A page of leases, by address, as JSON. @param now to bring the leases to that clock before. @throws SqliteError */
  load(after: number, now?: Dating): string {
    if (now) {
      this.#dating = now;
      this.#isUndated = true;
      // An open one is brought to that clock as well.
      this.close();
    }
    return this.#trying(true, ({ database }) => leasePage(database, after));
  }

  /** The leases of these addresses as they are on disk, as JSON. @throws SqliteError */
  read(addresses: readonly number[]): string {
    return chosenLeases(this.#ready(false).database, addresses);
  }

  /** All of it or nothing, on disk when this returns. @throws SqliteError */
  save(changes: readonly LeaseChange[]): void {
    this.#trying(false, (open) => this.#save(open, changes));
  }

  /** @see shift */
  shift(seconds: number, now: Dating): void {
    this.#trying(false, ({ database }) => shift(database, seconds, now));
    this.#dating = now;
  }

  /** What was set aside since it was last asked. */
  takeSetAside(): LeasesSetAside | undefined {
    const setAside = this.#setAside;
    this.#setAside = undefined;
    return setAside;
  }

  /** Takes the log into the database where that holds up nothing. */
  checkpoint(): void {
    try {
      this.#open?.database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      // What is in the log is safe there, and the next one takes it too; where the database is damaged, the next save shows it anew.
      if (isDamaged(error)) this.#putAside();
    }
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    try {
      open?.database.close();
    } catch {
      // It could not take in its log: that stays beside it.
    }
  }

  #trying<T>(salvaging: boolean, use: (open: Open) => T): T {
    try {
      return use(this.#ready(salvaging));
    } catch (error) {
      if (!isDamaged(error)) {
        if (!PASSING.includes(resultCode(error))) this.close();
        throw error;
      }
      const aside = this.#putAside();
      const open = this.#ready(salvaging);
      if (salvaging) this.#takeOver(open, aside);
      return use(open);
    }
  }

  #putAside(): string {
    this.close();
    const file = putAside(this.#file, KEEP_ASIDE);
    this.#setAside = { file, why: 'damaged', salvaged: 0 };
    return file;
  }

  #ready(salvaging: boolean): Open {
    if (this.#open && wasTaken(this.#file, this.#open)) this.close();
    if (this.#open) return this.#open;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    // synchronous=FULL: a lease that was promised survives a power cut.
    const { database, setAside } = openDatabase(this.#file, {
      synchronous: 'FULL',
      busyTimeout: 2000,
      version: 0,
      schema: SCHEMA,
      known: KNOWN,
      pragmas: `PRAGMA page_size = ${PAGE_BYTES}`,
      keepAside: KEEP_ASIDE,
    });
    try {
      database.exec(CLOCK_TABLE);
      // One that was made before has larger pages.
      const pages = CHECKPOINT_BYTES / numberOf(database, 'PRAGMA page_size');
      database.exec(`PRAGMA wal_autocheckpoint = ${pages}; PRAGMA journal_size_limit = ${CHECKPOINT_BYTES}`);
      const put = database.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?)');
      const remove = database.prepare('DELETE FROM lease WHERE address = ?');
      const opened = { database, put, remove, files: '', bytes: 0 };
      if (setAside) {
        this.#setAside = { ...setAside, salvaged: 0 };
        if (salvaging) this.#takeOver(opened, setAside.file);
      }
      this.#date(database);
      this.#open = { ...opened, files: filesOf(this.#file), bytes: sizeOf(this.#file) };
    } catch (error) {
      database.close();
      throw error;
    }
    return this.#open;
  }

  #date(database: DatabaseSync): void {
    if (!this.#dating) return;
    if (this.#isUndated) redate(database, this.#dating);
    else if (!datingOf(database)) putDating(database, this.#dating);
    this.#isUndated = false;
  }

  /** Puts into the new database what can be read of the old one. */
  #takeOver(open: Open, aside: string): void {
    const leases = salvage(aside);
    this.#save(
      open,
      leases.map((lease) => ({ kind: 'put', lease })),
    );
    if (this.#setAside) this.#setAside = { ...this.#setAside, salvaged: leases.length };
  }

  #save({ database, put, remove }: Open, changes: readonly LeaseChange[]): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const change of changes) {
        if (change.kind === 'remove') remove.run(change.address);
        else {
          const { address, key, mac, hostName, state, expires }: Lease = change.lease;
          put.run(address, key, mac, hostName, state, expires);
        }
      }
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Somebody has removed it, put another in its place or cut it off: nobody will read what is written to it. */
function wasTaken(file: string, { files, bytes }: Open): boolean {
  return filesOf(file) !== files || sizeOf(file) < bytes;
}

function filesOf(file: string): string {
  return `${identityOf(file)} ${identityOf(`${file}-wal`)}`;
}

function identityOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}` : '';
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
