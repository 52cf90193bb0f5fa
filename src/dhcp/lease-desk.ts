import path from 'node:path';
import type { Sink } from '../journal/event.ts';
import { faultText } from '../journal/fault.ts';
import { QUARANTINE_TIME } from '../leases/book.ts';
import { LEASE_FILE, type Lease, type LeaseChange } from '../leases/lease.ts';
import type { Dating } from '../leases/redate.ts';
import { SqliteLeaseStore } from '../leases/sqlite-store.ts';
import { claimFolder } from '../platform/folder-claim.ts';
import { bootId, type SteadyClock } from '../platform/steady-clock.ts';
import { troubleOf } from '../platform/storage-trouble.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { restoreLeases, type Scopes } from './scope.ts';

export interface LeaseOptions {
  /** STATE_DIR */
  readonly state: string;
  readonly scopes: Scopes;
  /** Seconds. */
  readonly leaseTime: number;
  readonly clock: SteadyClock;
  readonly sink: Sink;
}

/**
 * Loads the leases of the state folder into the books, and keeps them there from then on until disposed.
 *
 * @throws Error where they cannot be read, or another process keeps its leases there.
 */
export async function openLeases(
  { state, scopes, leaseTime, clock, sink }: LeaseOptions,
  opened: AsyncDisposableStack,
): Promise<{ readonly file: string; readonly keeper: LeaseKeeper }> {
  const claim = claimFolder(state);
  if (!claim)
    throw new Error(
      `another dhcp service keeps its leases in ${state}: two of them would give addresses twice. End the other one, or give this one a STATE_DIR of its own`,
    );
  opened.use(claim);
  const file = path.join(state, LEASE_FILE);
  const books = [scopes.local, ...scopes.relayed].map(({ book }) => book);
  const store = new SqliteLeaseStore(file, {
    setAside: ({ file: aside, why, salvaged }) =>
      sink({ kind: 'dhcp.leases-set-aside', file, aside, why, salvaged }),
    begunAnew: () => keeper.begunAnew(),
    threadEnded: (error) => sink({ kind: 'config.thread-ended', writes: 'leases', reason: faultText(error) }),
    unwritable: (trouble) => keeper.unwritable(trouble),
  });
  const dating: Dating = {
    now: clock.now(),
    uptime: clock.uptime(),
    boot: bootId(),
    longest: Math.max(leaseTime, QUARANTINE_TIME),
  };
  const keeper = new LeaseKeeper({
    store,
    file,
    clock,
    ...dating,
    sink,
    leases: () => books.values().flatMap((book) => book.leases()),
    leaseAt: (address) => leaseAt(books, address),
  });
  opened.defer(() => store.close().catch(() => undefined));
  opened.defer(() => keeper.stop());
  try {
    await load(scopes, store.load(dating), keeper, file, sink);
  } catch (error) {
    const { reason, remedy } = troubleOf(error);
    throw new Error(`the leases in ${file} cannot be read: ${reason}. ${remedy}`, { cause: error });
  }
  const { trouble } = keeper;
  if (trouble) sink({ kind: 'dhcp.store-failed', ...trouble, file, macs: [] });
  keeper.start();
  return { file, keeper };
}

async function load(
  scopes: Scopes,
  pages: AsyncIterable<readonly Lease[]>,
  keeper: LeaseKeeper,
  file: string,
  sink: Sink,
): Promise<void> {
  const dropped: LeaseChange[] = [];
  let count = 0;
  for await (const leases of pages) {
    count += leases.length;
    for (const change of restoreLeases(scopes, leases)) dropped.push(change);
  }
  if (dropped.length > 0) {
    // Where that is not possible now, the keeper does it later.
    await keeper.save(dropped).catch(() => undefined);
    sink({ kind: 'dhcp.leases-dropped', count: dropped.length });
  }
  sink({ kind: 'dhcp.leases-loaded', count: count - dropped.length, file });
}

function leaseAt(books: readonly Scopes['local']['book'][], address: Ipv4): Lease | undefined {
  return books
    .values()
    .map((book) => book.leaseAt(address))
    .find((lease) => lease !== undefined);
}
