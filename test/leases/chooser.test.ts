import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Asks } from '../../src/leases/asks.ts';
import { LATER, LeaseBook, OFFER_TIME } from '../../src/leases/book.ts';
import { CROWDED_TIME, Sources } from '../../src/leases/sources.ts';

const book = (limit: number, count = 100) =>
  new LeaseBook({ first: 100, count, reserved: [] }, { limit, asks: new Asks(1) });
const strangers = (ledger: LeaseBook, count: number, now: number, source: string) =>
  Array.from({ length: count }, (_, n) => ledger.offer(`${source}-${now}-${n}`, now, undefined, source));
const answered = (offers: readonly (number | undefined)[]) => offers.filter(Boolean).length;

test('so many offers are open to strangers of one source as the limit says, and those of another have their own', () => {
  const ledger = book(5);
  assert.deepEqual(strangers(ledger, 7, 0, 'a').slice(4), [104, LATER, LATER]);
  assert.equal(answered(strangers(ledger, 7, 0, 'b')), 5);
});

test('an offer that is taken, given up or asked for again makes room for another', () => {
  const ledger = book(3);
  strangers(ledger, 2, 0, '');
  ledger.lease({ key: '-0-0', mac: '', hostName: '' }, 100, 1000);
  ledger.forgetOffer('-0-1');
  assert.equal(answered(strangers(ledger, 3, 1, '')), 3);
  for (let n = 0; n < 3; n++) ledger.offer(`-1-${n}`, 2);
  assert.equal(answered(strangers(ledger, 4, 3, '')), 3);
});

test('offers that have lapsed count no more, also where nobody needed their addresses', () => {
  const ledger = book(5);
  for (let minute = 0; minute < 5; minute++)
    assert.equal(answered(strangers(ledger, 5, minute * OFFER_TIME, '')), 5);
});

test('a stranger beyond the limit is answered at its second try, which the limit does not count', () => {
  const ledger = book(2);
  strangers(ledger, 3, 0, '');
  assert.equal(ledger.offer('new', 1), LATER);
  assert.equal(ledger.offer('new', 2), 102);
  assert.equal(ledger.preview('new', 3)?.why, 'offered');
  assert.equal(ledger.preview('other', 3)?.why, 'later');
});

test('the clock being set back leaves no source crowded for longer than a minute', () => {
  const sources = new Sources();
  sources.crowd(1, 1_000_000);
  assert.equal(sources.isCrowded(1, 1_000_000 + CROWDED_TIME - 1), true);
  assert.equal(sources.isCrowded(1, 1_000_000 + CROWDED_TIME), false);
  assert.equal(sources.isCrowded(1, 900_000), false);
});

test('whatever sources are made up, they share what one may have when there are too many', () => {
  const ledger = book(10, 100_000);
  const offers = Array.from({ length: 20_000 }, (_, n) => ledger.offer(`${n}`, 0, undefined, `port ${n}`));
  assert.equal(answered(offers), 255 + 10);
  const later = Array.from({ length: 20_000 }, (_, n) => ledger.offer(`later ${n}`, 200, undefined, `${n}`));
  assert.ok(answered(later) <= 255 + 10);
});
