import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LATER, LeaseBook, OFFER_TIME } from '../../src/leases/book.ts';
import type { Lease, LeaseChange } from '../../src/leases/lease.ts';

const FIRST = 100;
const tenant = (key: string) => ({ key, mac: key, hostName: '' });
const book = (count: number, reserved: number[] = []) =>
  new LeaseBook({ first: FIRST, count, reserved: reserved.map((address) => ({ address })) });

test('reserved addresses are never given out, and do not count', () => {
  const small = book(4, [101, 103]);
  assert.equal(small.size, 2);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => small.offer(key, 0)),
    [100, 102, undefined],
  );
});

test('an address that turns out not to be a client’s is offered to nobody from then on, also where it was offered before', () => {
  const small = book(3);
  assert.equal(small.offer('a', 0), 100);
  small.lease(tenant('b'), small.offer('b', 0)!, 30);
  for (const address of [100, 101]) small.exclude(address);
  assert.equal(small.size, 1);
  assert.equal(small.mayHave('c', 100, 0), false);
  assert.deepEqual(
    ['a', 'c', 'd'].map((key) => small.offer(key, 1000)),
    [102, undefined, LATER],
  );
});

test('an offer is held for a minute, then it is the first to go', () => {
  const small = book(2);
  small.lease(tenant('leased'), small.offer('leased', 0)!, 30);
  small.offer('offered', 0);
  assert.equal(small.offer('late', OFFER_TIME - 1), 100, 'the expired lease, while the offer is held');
  const other = book(2);
  other.lease(tenant('leased'), other.offer('leased', 0)!, 30);
  other.offer('offered', 0);
  assert.equal(other.offer('late', OFFER_TIME), 101, 'the lapsed offer comes before the expired lease');
});

test('an expired lease that is offered to its machine is not offered to another in that minute', () => {
  const single = book(1);
  single.lease(tenant('a'), single.offer('a', 0)!, 10);
  assert.equal(single.offer('a', 1000), FIRST);
  assert.equal(single.offer('b', 1001), undefined);
  assert.equal(single.offer('b', 1000 + OFFER_TIME), FIRST);
});

test('a machine that moves to another address leaves its old one to others', () => {
  const moved = book(2);
  moved.lease(tenant('a'), 100, 50);
  assert.deepEqual(
    moved.lease(tenant('a'), 101, 60).map((change) => change.kind),
    ['remove', 'put'],
  );
  assert.equal(moved.offer('b', 0), 100);
});

test('leases outside the pool, and older ones of the same machine, are given back for removal', () => {
  const lease = (address: number, key: string, expires: number): Lease => ({
    address,
    ...tenant(key),
    state: 'bound',
    expires,
  });
  const restored = book(3);
  const removed = restored.restore([lease(100, 'a', 10), lease(102, 'a', 20), lease(500, 'b', 30)]);
  assert.deepEqual(
    removed.map((change) => change.kind === 'remove' && change.address).toSorted(),
    [100, 500],
  );
  assert.equal(restored.leaseOf('a')?.address, 102);
  assert.equal(restored.offer('c', 0), 100);
});

/** What a client, the clock or an operator does. */
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const step = fc.oneof(
  fc.record({
    act: fc.constant('discover' as const),
    key: fc.constantFrom(...KEYS),
    wish: fc.integer({ min: 98, max: 106 }),
  }),
  fc.record({
    act: fc.constant('request' as const),
    key: fc.constantFrom(...KEYS),
    address: fc.integer({ min: 98, max: 106 }),
  }),
  fc.record({ act: fc.constant('release' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ act: fc.constant('decline' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ act: fc.constant('forget' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ act: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 60, 100, 3600) }),
  fc.record({ act: fc.constant('restart' as const) }),
);

test('whatever clients do and whenever the process restarts, no address is promised to two of them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let ledger = book(5, [102]);
      const disk = new Map<number, Lease>();
      const promised = new Map<number, { key: string; until: number }>();
      const offered = new Map<string, number>();
      let now = 0;
      const store = (changes: LeaseChange[]) => {
        for (const change of changes) {
          if (change.kind === 'put') disk.set(change.lease.address, change.lease);
          else disk.delete(change.address);
        }
      };
      const holder = (address: number) => {
        const held = promised.get(address);
        return held && held.until > now ? held.key : undefined;
      };
      for (const move of steps) {
        if (move.act === 'wait') now += move.seconds;
        else if (move.act === 'restart') {
          ledger = book(5, [102]);
          store(ledger.restore([...disk.values()]));
          offered.clear();
        } else if (move.act === 'discover') {
          const address = ledger.offer(move.key, now, move.wish);
          if (!address) continue;
          assert.ok(address >= 100 && address < 105 && address !== 102);
          assert.ok(
            [undefined, move.key].includes(holder(address)),
            `${address} offered while ${holder(address)} holds it`,
          );
          offered.set(move.key, address);
        } else if (move.act === 'request') {
          const address = offered.get(move.key) ?? move.address;
          if (!ledger.mayHave(move.key, address, now)) continue;
          assert.ok(
            [undefined, move.key].includes(holder(address)),
            `${address} leased while ${holder(address)} holds it`,
          );
          store(ledger.lease(tenant(move.key), address, now + 100));
          for (const [other, held] of promised) if (held.key === move.key) promised.delete(other);
          promised.set(address, { key: move.key, until: now + 100 });
        } else {
          const own = ledger.leaseOf(move.key);
          if (move.act === 'forget') ledger.forgetOffer(move.key);
          if (!own) continue;
          if (move.act === 'release') store(ledger.release(move.key, own.address, now));
          if (move.act === 'decline') store(ledger.decline(tenant(move.key), own.address, now));
          if (move.act !== 'forget' && promised.get(own.address)?.key === move.key)
            promised.delete(own.address);
        }
        const keys = [...disk.values()].map(({ key }) => key).filter((key) => key !== '');
        assert.equal(ledger.size, 4);
        for (const { address, key, state, expires } of disk.values()) {
          if (state === 'bound' && expires > now && promised.get(address))
            assert.equal(promised.get(address)!.key, key);
        }
        assert.ok(keys.length <= 4);
      }
    }),
    { numRuns: 3000 },
  );
});

test('declined addresses are counted, from a store too, until they are given out again', () => {
  const single = book(1);
  single.lease(tenant('a'), FIRST, 10);
  const changes = single.decline(tenant('a'), FIRST, 0);
  assert.equal(single.declined, 1);
  const restored = book(1);
  restored.restore(changes.flatMap((change) => (change.kind === 'put' ? [change.lease] : [])));
  assert.equal(restored.declined, 1);
  assert.equal(restored.offer('b', 100_000), FIRST);
  assert.equal(restored.declined, 0);
});
