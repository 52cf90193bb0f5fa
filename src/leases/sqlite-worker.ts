import { parentPort, workerData } from 'node:worker_threads';
import { resultCode } from '../platform/database.ts';
import { type Trouble, troubleOf } from '../platform/storage-trouble.ts';
import type { Lease, LeaseChange } from './lease.ts';
import { leasesOfCopy } from './lease-copy.ts';
import { LeaseDatabase, type LeasesSetAside } from './lease-database.ts';
import type { Dating } from './redate.ts';

/**
 * The lease database, on a thread of its own: a disk that stalls in fsync for a third of a second must not hold up
 * OFFERs. One message in, one answer out, in order. Many leases travel as JSON: it takes a fraction of what it costs to hand over objects.
 */
export type StoreRequest = {
  id: number;
} /** A page of leases, by address, from the first above `after`; the first page brings all to the clock as it is now. */ & (
  | { ask: 'load'; after: number; now?: Dating | undefined }
  /** @see LeaseChange */
  | { ask: 'save'; changes: string }
  /** All leases are later by so many seconds. */
  | { ask: 'shift'; seconds: number; now: Dating }
  /** The leases of these addresses, as they are on disk. */
  | { ask: 'read'; addresses: readonly number[] }
  | { ask: 'close' }
);
/** `identity` tells the database from others of its name; `unwritable`: leases were read that cannot be saved at present. */
export type StoreAnswer = { id: number } & (
  | {
      /** @see Lease */
      leases?: string;
      setAside?: LeasesSetAside | undefined;
      identity: string;
      unwritable?: Trouble | undefined;
    }
  | { failed: Trouble }
);

export interface StoreWorkerData {
  readonly file: string;
  readonly dating: Dating | undefined;
}

/** After so many changes the log is taken into the database as soon as nothing has been saved for so many milliseconds. */
const CHECKPOINT = { changes: 1000, idle: 1000 } as const;

const { file, dating } = workerData as StoreWorkerData;
const database = new LeaseDatabase(file, dating);
/** Of a database that could only be copied. */
let copied: readonly Lease[] = [];
let unchecked = 0;
let idle: NodeJS.Timeout | undefined;

/** SQLITE_PERM, READONLY, IOERR, FULL, CANTOPEN; a busy one is busy with a write that has to be waited for. */
const UNWRITABLE: readonly number[] = [3, 8, 10, 13, 14];

function load(after: number, now: Dating | undefined): { leases: string; unwritable?: Trouble } {
  try {
    return { leases: database.load(after, now) };
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    // All of a copy is on the first page.
    if (after >= 0) return { leases: '[]' };
    copied = leasesOfCopy(file, now);
    return { leases: JSON.stringify(copied), unwritable: troubleOf(error) };
  }
}

function read(addresses: readonly number[]): string {
  try {
    return database.read(addresses);
  } catch {
    return JSON.stringify(copied.filter(({ address }) => addresses.includes(address)));
  }
}

function isUnwritable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    UNWRITABLE.includes(resultCode(error)) || ['EROFS', 'ENOSPC', 'EDQUOT', 'EACCES'].includes(code ?? '')
  );
}

function save(changes: readonly LeaseChange[]): void {
  database.save(changes);
  copied = [];
  unchecked += changes.length;
  if (unchecked < CHECKPOINT.changes) return;
  idle = setTimeout(() => {
    unchecked = 0;
    database.checkpoint();
  }, CHECKPOINT.idle);
}

function answer(request: StoreRequest): Omit<Extract<StoreAnswer, { identity: string }>, 'id'> {
  if (request.ask !== 'load') clearTimeout(idle);
  let loaded: { leases?: string; unwritable?: Trouble } = {};
  if (request.ask === 'load') loaded = load(request.after, request.now);
  else if (request.ask === 'read') loaded = { leases: read(request.addresses) };
  else if (request.ask === 'close') database.close();
  else if (request.ask === 'shift') database.shift(request.seconds, request.now);
  else save(JSON.parse(request.changes) as LeaseChange[]);
  return { ...loaded, identity: database.identity, setAside: database.takeSetAside() };
}

parentPort!.on('message', (request: StoreRequest) => {
  try {
    parentPort!.postMessage({ id: request.id, ...answer(request) } satisfies StoreAnswer);
  } catch (error) {
    parentPort!.postMessage({ id: request.id, failed: troubleOf(error) } satisfies StoreAnswer);
  }
  if (request.ask === 'close') parentPort!.close();
});
