import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseKeeper } from '../../src/dhcp/lease-keeper.ts';
import type { Event } from '../../src/journal/event.ts';
import { LeaseBook } from '../../src/leases/book.ts';
import type { Lease, LeaseChange } from '../../src/leases/lease.ts';
import { SteadyClock } from '../../src/platform/steady-clock.ts';
import { POOL } from './rig.ts';

const START = 1_800_000_000;

/** A disk that may refuse, or be exchanged. */
class FaultyStore {
  readonly leases = new Map<number, Lease>();
  fault: Error | undefined;
  shifts: number[] = [];

  async *load(): AsyncGenerator<Lease[]> {
    yield [];
  }

  async save(changes: readonly LeaseChange[]): Promise<void> {
    if (this.fault) throw this.fault;
    for (const change of changes) {
      if (change.kind === 'put') this.leases.set(change.lease.address, change.lease);
      else this.leases.delete(change.address);
    }
  }

  async shift(seconds: number): Promise<void> {
    if (this.fault) throw this.fault;
    this.shifts.push(seconds);
    for (const [address, lease] of this.leases)
      this.leases.set(address, { ...lease, expires: lease.expires + seconds });
  }

  async read(addresses: readonly number[]): Promise<Lease[]> {
    return addresses.flatMap((address) => this.leases.get(address) ?? []);
  }

  async close(): Promise<void> {}
}

function rig() {
  const store = new FaultyStore();
  const events: Event[] = [];
  const host = { wall: START, ran: 10 };
  const clock = new SteadyClock({
    clock: { now: () => host.wall, monotonic: () => host.ran * 1000 },
    uptime: () => host.ran,
  });
  const book = new LeaseBook(POOL);
  const keeper = new LeaseKeeper({
    store,
    file: '/state/leases.sqlite',
    clock,
    boot: 'a',
    longest: 7200,
    sink: (event) => events.push(event),
    leases: () => book.leases(),
    leaseAt: (address) => book.leaseAt(address),
  });
  const lease = (n: number) =>
    book.lease({ key: `key ${n}`, mac: `mac ${n}`, hostName: '' }, POOL.first + n, clock.now() + 7200);
  const passes = async (seconds: number) => {
    host.wall += seconds;
    host.ran += seconds;
    keeper.tick();
    await keeper.stop();
  };
  return { store, events, host, book, keeper, lease, passes, clock };
}

const kinds = (events: readonly Event[]) => events.map(({ kind }) => kind);

test('what the store refused is in it as soon as it can be, as the book is by then; that is told once', async () => {
  const { store, events, book, keeper, lease, passes } = rig();
  await keeper.save(lease(0));
  store.fault = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  await assert.rejects(keeper.save(lease(1)), /full/);
  await assert.rejects(keeper.save(lease(2)), /full/);
  await assert.rejects(keeper.save(book.release('key 1', POOL.first + 1, START)), /full/);
  assert.match(keeper.problems()[0]!, /cannot be stored in .*disk is full. Free space/);
  await passes(5);
  assert.equal(keeper.problems().length, 1);
  store.fault = undefined;
  await passes(5);
  assert.deepEqual(keeper.problems(), []);
  assert.deepEqual(kinds(events), ['dhcp.store-mended']);
  assert.deepEqual(
    [...store.leases.values()].toSorted((a, b) => a.address - b.address),
    [...book.leases()],
  );
});

test('a store that was begun anew gets all leases again', async () => {
  const { store, events, book, keeper, lease, passes } = rig();
  for (const n of [0, 1, 2]) await keeper.save(lease(n));
  store.leases.clear();
  keeper.begunAnew();
  await passes(1);
  assert.deepEqual([...store.leases.values()], [...book.leases()]);
  assert.deepEqual(kinds(events), ['dhcp.leases-begun-anew']);
});

test('when the clock is set, leases in the store end at the new date, and in the book when machines expect it', async () => {
  const { store, events, host, book, keeper, lease, passes } = rig();
  await keeper.save(lease(0));
  for (const jump of [86_400, -4e8, 3600, 1]) {
    host.wall += jump;
    await passes(10);
    await keeper.save(lease(1));
    assert.equal(store.leases.get(POOL.first + 1)!.expires - host.wall, 7200 + (jump === 1 ? -1 : 0));
  }
  assert.equal(book.leaseAt(POOL.first)!.expires, START + 7200);
  // A second is rounding, not a date.
  assert.equal(store.leases.get(POOL.first)!.expires - host.wall, 7200 - 40 - 1);
  assert.deepEqual(store.shifts, [86_400, -4e8, 3600]);
  assert.deepEqual(kinds(events), ['dhcp.clock-set', 'dhcp.clock-set', 'dhcp.clock-set']);
});

test('a clock that is set while the disk is full is followed when there is room', async () => {
  const { store, host, keeper, lease, passes } = rig();
  await keeper.save(lease(0));
  store.fault = new Error('full');
  host.wall -= 1e8;
  await passes(5);
  assert.deepEqual(store.shifts, []);
  store.fault = undefined;
  await passes(5);
  assert.equal(store.leases.get(POOL.first)!.expires - host.wall, 7200 - 10);
});
