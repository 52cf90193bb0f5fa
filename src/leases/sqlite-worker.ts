import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from '../platform/database.ts';
import type { Lease, LeaseChange } from './lease.ts';

/**
 * The lease database, on a thread of its own: a disk that stalls in fsync for a third of a second must not hold up
 * OFFERs. One message in, one answer out, in order.
 */
export type StoreRequest = { id: number } & (
  | { ask: 'load' }
  | { ask: 'save'; changes: readonly LeaseChange[] }
  | { ask: 'close' }
);
export type StoreAnswer = { id: number } & ({ leases?: Lease[]; setAside?: string } | { failed: string });

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lease (
    address   INTEGER PRIMARY KEY,
    key       TEXT NOT NULL,
    mac       TEXT NOT NULL,
    host_name TEXT NOT NULL,
    state     TEXT NOT NULL,
    expires   INTEGER NOT NULL
  ) STRICT`;

const { file } = workerData as { file: string };
let database: DatabaseSync | undefined;
let setAside: string | undefined;

/** synchronous=FULL: a lease that was promised survives a power cut. */
function open(): DatabaseSync {
  const opened = openDatabase(file, {
    synchronous: 'FULL',
    busyTimeout: 2000,
    version: 0,
    schema: SCHEMA,
    keepAside: 3,
  });
  setAside = opened.setAside?.file;
  return opened.database;
}

function load(db: DatabaseSync): Lease[] {
  const rows = db.prepare('SELECT address, key, mac, host_name AS hostName, state, expires FROM lease').all();
  return rows.map((row) => ({ ...row }) as unknown as Lease);
}

function save(db: DatabaseSync, changes: readonly LeaseChange[]): void {
  const put = db.prepare('INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM lease WHERE address = ?');
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const change of changes) {
      if (change.kind === 'remove') remove.run(change.address);
      else {
        const { address, key, mac, hostName, state, expires } = change.lease;
        put.run(address, key, mac, hostName, state, expires);
      }
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function answer(request: StoreRequest): Partial<StoreAnswer> {
  database ??= open();
  if (request.ask === 'load') {
    const told = setAside ? { setAside } : {};
    setAside = undefined;
    return { leases: load(database), ...told };
  }
  if (request.ask === 'save') save(database, request.changes);
  else database.close();
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
