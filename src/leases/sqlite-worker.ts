import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { numberOf, openDatabase } from '../platform/database.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { leasePage } from './lease-pages.ts';

/**
 * The lease database, on a thread of its own: a disk that stalls in fsync for a third of a second must not hold up
 * OFFERs. One message in, one answer out, in order. Many leases travel as JSON: it takes a fraction of what it costs to hand over objects.
 */
export type StoreRequest = {
  id: number;
} /** A page of leases, by address, from the first above `after`. */ & (
  | { ask: 'load'; after: number }
  /** @see LeaseChange */
  | { ask: 'save'; changes: string }
  | { ask: 'close' }
);
/** @see Lease */
export type StoreAnswer = { id: number } & ({ leases?: string; setAside?: string } | { failed: string });

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lease (
    address   INTEGER PRIMARY KEY,
    key       TEXT NOT NULL,
    mac       TEXT NOT NULL,
    host_name TEXT NOT NULL,
    state     TEXT NOT NULL,
    expires   INTEGER NOT NULL
  ) STRICT`;

/** A lease that moves or is renewed is a page in the log: of this size, leases all over a large pool cost half of what they do in 4096 bytes. */
const PAGE_BYTES = 1024;

/**
 * A checkpoint holds up commits for as long as the disk takes for all pages that changed; in a rush one is made for so many bytes of them, else
 * when nothing has been saved for so many milliseconds.
 */
const CHECKPOINT = { bytes: 8 << 20, changes: 1000, idle: 1000 } as const;

const { file } = workerData as { file: string };

interface Open {
  readonly database: DatabaseSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
}
let opened: Open | undefined;
let setAside: string | undefined;
let unchecked = 0;
let idle: NodeJS.Timeout | undefined;

/** synchronous=FULL: a lease that was promised survives a power cut. */
function open(): Open {
  const { database, setAside: aside } = openDatabase(file, {
    synchronous: 'FULL',
    busyTimeout: 2000,
    version: 0,
    schema: SCHEMA,
    pragmas: `PRAGMA page_size = ${PAGE_BYTES}`,
    keepAside: 3,
  });
  setAside = aside?.file;
  // One that was made before has larger pages.
  const pages = CHECKPOINT.bytes / numberOf(database, 'PRAGMA page_size');
  database.exec(`PRAGMA wal_autocheckpoint = ${pages}; PRAGMA journal_size_limit = ${CHECKPOINT.bytes}`);
  return {
    database,
    put: database.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?)'),
    remove: database.prepare('DELETE FROM lease WHERE address = ?'),
  };
}

function load({ database }: Open, after: number): { leases: string; setAside?: string } {
  const told = setAside ? { setAside } : {};
  setAside = undefined;
  return { leases: leasePage(database, after), ...told };
}

function save({ database, put, remove }: Open, changes: readonly LeaseChange[]): void {
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
  unchecked += changes.length;
}

function checkpoint({ database }: Open): void {
  unchecked = 0;
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // Nothing is lost by that: what is in the log is safe there, and the next one takes it too.
  }
}

function answer(request: StoreRequest): Partial<StoreAnswer> {
  opened ??= open();
  const current = opened;
  if (request.ask === 'load') return load(current, request.after);
  clearTimeout(idle);
  if (request.ask === 'close') current.database.close();
  else {
    save(current, JSON.parse(request.changes) as LeaseChange[]);
    if (unchecked >= CHECKPOINT.changes) idle = setTimeout(checkpoint, CHECKPOINT.idle, current);
  }
  return {};
}

parentPort!.on('message', (request: StoreRequest) => {
  try {
    parentPort!.postMessage({ id: request.id, ...answer(request) });
  } catch (error) {
    parentPort!.postMessage({
      id: request.id,
      failed: error instanceof Error ? error.message : String(error),
    });
  }
  if (request.ask === 'close') parentPort!.close();
});
