import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeaseBook } from '../../src/leases/book.ts';
import type { Lease } from '../../src/leases/lease.ts';
import { BookModel } from './book-model.ts';

const FIRST = 100;
const COUNT = 7;
const RESERVED = [102];
const tenant = (key: string) => ({ key, mac: key, hostName: '' });
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const ACTS = [
  'discover',
  'discover',
  'lease',
  'lease',
  'release',
  'decline',
  'forget',
  'free',
  'exclude',
  'wait',
] as const;

const step = fc.record({
  act: fc.constantFrom(...ACTS),
  key: fc.constantFrom(...KEYS),
  address: fc.integer({ min: FIRST - 2, max: FIRST + COUNT + 1 }),
  wishes: fc.boolean(),
  seconds: fc.constantFrom(1, 5, 6, 20, 30, 60, 100, 3600),
});

test('a book chooses by its rules: own, wished, unused, returned, lapsed, expired, each in its order, and strangers at their second try where they crowd', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const book = new LeaseBook({
        first: FIRST,
        count: COUNT,
        reserved: RESERVED.map((address) => ({ address })),
      });
      const model = new BookModel(FIRST, COUNT, RESERVED);
      let now = 0;
      for (const { act, key, address, wishes, seconds } of steps) {
        const wish = wishes ? address : undefined;
        if (act === 'wait') now += seconds;
        else if (act === 'exclude') {
          // Once is enough to leave most of the pool.
          if (address % 3 !== 0) continue;
          book.exclude(address);
          model.exclude(address);
        } else if (act === 'forget') {
          book.forgetOffer(key);
          model.forget(key);
        } else if (act === 'free') {
          book.free(address, now);
          model.free(address, now);
        } else if (act === 'lease' && wishes) {
          assert.equal(book.mayHave(key, address, now), model.mayHave(key, address, now));
          if (!model.mayHave(key, address, now)) continue;
          book.lease(tenant(key), address, now + seconds);
          model.lease(key, address, now + seconds);
        } else {
          const offered = model.offer(key, now, wish);
          assert.equal(book.preview(key, now, wish)?.address, offered || undefined);
          assert.equal(book.offer(key, now, wish), offered);
          if (!offered || act === 'discover') continue;
          if (act === 'lease') {
            book.lease(tenant(key), offered, now + seconds);
            model.lease(key, offered, now + seconds);
          } else if (act === 'release') {
            book.release(key, offered, now);
            model.release(key, now);
          } else {
            book.decline(tenant(key), offered, now);
            model.decline(key, now);
          }
        }
        assert.equal(book.size, model.size);
        for (const each of KEYS) assert.deepEqual(book.leaseOf(each), model.leaseOf(each));
      }
    }),
    { numRuns: 1000 },
  );
});

const stored = fc.record({
  address: fc.integer({ min: FIRST - 1, max: FIRST + COUNT }),
  key: fc.constantFrom(...KEYS, ''),
  expires: fc.nat(20),
});

test('leases that are restored in parts leave the book that they leave all at once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(stored, { selector: ({ address }) => address, maxLength: COUNT + 2 }),
      fc.nat(COUNT),
      (rows, cut) => {
        const leases = rows.map(
          ({ address, key, expires }): Lease => ({
            address,
            ...tenant(key),
            state: key ? 'bound' : 'declined',
            expires,
          }),
        );
        const books = [leases.length, cut].map((at) => {
          const book = new LeaseBook({ first: FIRST, count: COUNT, reserved: [] });
          const removed = [...book.restore(leases.slice(0, at)), ...book.restore(leases.slice(at))];
          return { book, removed };
        });
        const [whole, parts] = books as [(typeof books)[0], (typeof books)[0]];
        assert.deepEqual(parts.removed, whole.removed);
        const gone = whole.removed.map((change) => change.kind === 'remove' && change.address);
        const kept = leases.filter(({ address }) => !gone.includes(address));
        assert.deepEqual(
          kept.filter(({ key }) => key).map(({ key }) => whole.book.leaseOf(key)),
          kept.filter(({ key }) => key),
        );
        // Whoever had several keeps the one that ends last.
        for (const { key, expires } of leases.filter(
          ({ key, address }) => key && address >= FIRST && address < FIRST + COUNT,
        ))
          assert.ok(whole.book.leaseOf(key)!.expires >= expires);
        // What is next for anybody is the first that no lease was kept on.
        const free = Array.from({ length: COUNT }, (_, n) => FIRST + n).filter(
          (address) => !kept.some((lease) => lease.address === address),
        );
        for (const { book } of books) {
          for (const [n, address] of free.entries()) assert.equal(book.offer(`new ${n}`, 0), address);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
