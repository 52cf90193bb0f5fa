import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LeaseBook, OFFER_TIME, type Preview } from '../../src/leases/book.ts';
import { BookView } from '../../src/leases/book-view.ts';
import { AFTER_LEASE } from '../../src/leases/places.ts';

const FIRST = 100;
const COUNT = 6;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const tenant = (key: string) => ({ key, mac: key, hostName: '' });
const book = (count = COUNT) => new LeaseBook({ first: FIRST, count, reserved: [{ address: 102 }] });

const key = fc.constantFrom(...KEYS);
const address = fc.integer({ min: FIRST - 1, max: FIRST + COUNT });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('offer' as const), key, wish: fc.option(address) }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('lease' as const), key, seconds: fc.constantFrom(5, 50) }),
  },
  fc.record({ act: fc.constant('release' as const), key }),
  fc.record({ act: fc.constant('decline' as const), key }),
  fc.record({ act: fc.constant('forget' as const), key }),
  fc.record({ act: fc.constant('exclude' as const), address }),
  fc.record({ act: fc.constant('free' as const), address }),
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 60, 3600) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The book after all of that, and the time it is then. */
function lived(steps: readonly Step[]): { ledger: LeaseBook; now: number } {
  const ledger = book();
  let now = 0;
  for (const move of steps) {
    if (move.act === 'wait') now += move.seconds;
    else if (move.act === 'exclude') ledger.exclude(move.address);
    else if (move.act === 'free') ledger.free(move.address, now);
    else if (move.act === 'forget') ledger.forgetOffer(move.key);
    else {
      const own = ledger.offer(move.key, now, move.act === 'offer' ? (move.wish ?? undefined) : undefined);
      if (!own) continue;
      if (move.act === 'lease') ledger.lease(tenant(move.key), own, now + move.seconds);
      if (move.act === 'release') ledger.release(move.key, own, now);
      if (move.act === 'decline') ledger.decline(tenant(move.key), own, now);
    }
  }
  return { ledger, now };
}

test('a preview is the offer that follows, for whoever asks, and however often it was asked before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), key, fc.option(address), (steps, who, wished) => {
      const wish = wished ?? undefined;
      const { ledger, now } = lived(steps);
      for (const other of KEYS) ledger.preview(other, now, wish);
      const preview = ledger.preview(who, now, wish)?.address;
      const offered = (from: LeaseBook) => from.offer(who, now, wish) || undefined;
      assert.equal(preview, offered(lived(steps).ledger), 'without any preview before');
      assert.equal(preview, offered(ledger), 'after previews');
    }),
    { numRuns: 3000 },
  );
});

test('a preview changes nothing: whatever is asked of the book later is answered as if there had been none', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(key, { maxLength: 12 }), (steps, later) => {
      const asked = lived(steps);
      for (const each of KEYS) asked.ledger.preview(each, asked.now, FIRST + 1);
      const spared = lived(steps);
      const offers = ({ ledger, now }: typeof asked) => later.map((each) => ledger.offer(each, now));
      assert.deepEqual(offers(asked), offers(spared));
      assert.equal(asked.ledger.size, spared.ledger.size);
      assert.equal(asked.ledger.declined, spared.ledger.declined);
    }),
    { numRuns: 1000 },
  );
});

test('a view that has been told of a relay offers what the book would after being told of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), key, address, (steps, who, relay) => {
      const { ledger, now } = lived(steps);
      const view = new BookView(ledger);
      view.exclude(relay);
      const seen = { offer: view.offer(who, now), size: view.size };
      const { ledger: told } = lived(steps);
      told.exclude(relay);
      assert.deepEqual(seen, { offer: told.offer(who, now), size: told.size });
      assert.equal(
        ledger.offer(who, now),
        lived(steps).ledger.offer(who, now),
        'the book itself was not told',
      );
    }),
    { numRuns: 2000 },
  );
});

test('a whole exchange with a view goes as it would with the book, and the book never hears of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), key, fc.option(address), (steps, who, wished) => {
      const wish = wished ?? undefined;
      const { ledger, now } = lived(steps);
      const exchange = (on: LeaseBook | BookView) => {
        const offer = on.offer(who, now, wish);
        if (!offer) return [offer];
        const may = on.mayHave(who, offer, now);
        const others = on.isOthers(who, offer);
        if (may) on.lease(tenant(who), offer, now + 10);
        return [offer, may, others, on.leaseOf(who), on.preview(who, now + 1), on.offer(who, now + 1)];
      };
      const seen = exchange(new BookView(ledger));
      assert.deepEqual(seen, exchange(lived(steps).ledger));
      const after = (one: LeaseBook) => KEYS.map((each) => [one.leaseOf(each), one.preview(each, now)]);
      assert.deepEqual(after(ledger), after(lived(steps).ledger));
    }),
    { numRuns: 2000 },
  );
});

test('a preview says why it would be that address', () => {
  const why = (ledger: LeaseBook, who: string, now: number, wish?: number): Preview['why'] | undefined =>
    ledger.preview(who, now, wish)?.why;
  const ledger = book(3);
  assert.equal(why(ledger, 'a', 0), 'unused');
  assert.equal(why(ledger, 'a', 0, 101), 'wished');
  ledger.offer('a', 0);
  assert.equal(why(ledger, 'a', 1), 'offered');
  ledger.lease(tenant('b'), ledger.offer('b', 1)!, 10);
  assert.equal(why(ledger, 'b', 2), 'own');
  assert.equal(why(ledger, 'c', 2), undefined);
  assert.equal(why(ledger, 'c', 10 + AFTER_LEASE), 'expired');
  assert.equal(why(ledger, 'c', OFFER_TIME), 'lapsed');
});

test('the operator frees a lease, which its machine may take up again, and a declined address, which anybody may', () => {
  const ledger = book(2);
  ledger.lease(tenant('a'), 100, 1000);
  const freed = ledger.free(100, 5)!;
  assert.equal(freed.was.state, 'bound');
  assert.deepEqual(freed.changes, [{ kind: 'put', lease: { ...freed.was, state: 'released', expires: 5 } }]);
  assert.deepEqual(ledger.free(100, 6)?.changes, [], 'it is free already');
  assert.equal(ledger.preview('a', 6)?.why, 'own');

  ledger.lease(tenant('b'), 101, 1000);
  ledger.decline(tenant('b'), 101, 10);
  assert.equal(ledger.preview('c', 11)?.address, 100);
  assert.deepEqual(ledger.free(101, 11)?.changes, [{ kind: 'remove', address: 101 }]);
  assert.equal(ledger.declined, 0);
  assert.equal(ledger.preview('c', 11)?.address, 101);

  assert.equal(ledger.free(101, 12), undefined, 'nobody has it');
  assert.equal(ledger.free(999, 12), undefined, 'it is not in the pool');
});

test('an address that has come back and then turns out to be a relay’s is given to nobody', () => {
  const ledger = book(2);
  ledger.lease(tenant('a'), ledger.offer('a', 0)!, 10);
  ledger.lease(tenant('a'), 101, 20);
  ledger.exclude(100);
  assert.equal(ledger.offer('b', 1), undefined);
});
