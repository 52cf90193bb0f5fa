import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { newSeatCells, SeatCount } from '../../src/http/seat-count.ts';
import { Seats } from '../../src/http/seats.ts';

/** A connection, and what goes on on it. */
class Fake extends EventEmitter {
  readonly remoteAddress: string;
  ended: 'destroyed' | 'reset' | undefined;
  isBusy = false;
  since: number;
  bytesWritten = 0;
  writableLength = 0;

  constructor(address: string, since: number) {
    super();
    this.remoteAddress = address;
    this.since = since;
  }

  destroy(): void {
    this.ended = 'destroyed';
    this.emit('close');
  }

  resetAndDestroy(): void {
    this.ended = 'reset';
    this.emit('close');
  }
}

function seated(limits = { all: 4, perAddress: 3 }, cells = newSeatCells(7)) {
  const state = { now: 1000, short: false };
  const notes: string[] = [];
  const count = new SeatCount(cells);
  const seats = new Seats({
    limits,
    count,
    note: (limit, address) => notes.push(`${limit} ${address}`),
    monotonic: () => state.now,
    isShort: () => state.short,
  });
  const connect = (address: string) => {
    const fake = new Fake(address, ++state.now);
    seats.take(fake as unknown as Socket, fake);
    return fake;
  };
  return { seats, count, notes, state, connect };
}

test('where all seats are taken the connection that has been idle for longest gives way', () => {
  const { connect, notes, count } = seated();
  const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map(connect) as [Fake, Fake, Fake, Fake];
  first.since = 5000;
  second.isBusy = true;
  const fifth = connect('e');
  assert.deepEqual(
    [first, second, third, fourth, fifth].map(({ ended }) => ended),
    [undefined, undefined, 'destroyed', undefined, undefined],
  );
  assert.deepEqual(notes, ['connections e']);
  assert.equal(count.all, 4);
});

test('an address that has its share loses its own idle ones, not those of others', () => {
  const { connect, notes } = seated({ all: 100, perAddress: 2 });
  const other = connect('a');
  const own = [connect('b'), connect('b'), connect('b')];
  assert.equal(other.ended, undefined);
  assert.deepEqual(
    own.map(({ ended }) => ended),
    ['destroyed', undefined, undefined],
  );
  assert.deepEqual(notes, ['connections per address b']);
});

test('where all are being answered a new connection is reset, and none of the others is', () => {
  const { connect, count } = seated({ all: 2, perAddress: 2 });
  const busy = [connect('a'), connect('b')];
  for (const one of busy) one.isBusy = true;
  assert.equal(connect('c').ended, 'reset');
  assert.deepEqual(
    busy.map(({ ended }) => ended),
    [undefined, undefined],
  );
  assert.equal(count.all, 2);
  busy[0]!.destroy();
  assert.equal(connect('c').ended, undefined);
});

test('one that was handed on is judged by what goes on there', () => {
  const { connect, seats } = seated({ all: 1, perAddress: 1 });
  const one = connect('a');
  seats.passOn(one as unknown as Socket, { isBusy: true, since: 0 });
  assert.equal(connect('b').ended, 'reset');
  assert.equal(one.ended, undefined);
});

test('threads count together, and each gives up its own', () => {
  const cells = newSeatCells(3);
  const here = seated({ all: 3, perAddress: 3 }, cells);
  const there = seated({ all: 3, perAddress: 3 }, cells);
  const mine = here.connect('a');
  const theirs = [there.connect('a'), there.connect('a')];
  assert.equal(here.connect('b').ended, undefined);
  assert.equal(mine.ended, 'destroyed');
  assert.deepEqual(
    theirs.map(({ ended }) => ended),
    [undefined, undefined],
  );
  for (const one of theirs) one.destroy();
  assert.equal(here.count.all, 1);
  assert.equal(here.count.of('a'), 0);
});

test('however many are busy, a new connection costs no look at all of them', () => {
  const { connect } = seated({ all: 20_000, perAddress: 20_000 });
  let looks = 0;
  for (let n = 0; n < 20_000; n++) {
    const fake = connect(`10.0.${n >> 8}.${n & 255}`);
    Object.defineProperty(fake, 'isBusy', { get: () => ++looks > 0 });
  }
  assert.equal(connect('x').ended, 'reset');
  assert.ok(looks < 1000, `${looks} looks`);
});

test('readers that hardly get on are given up where it is crowded, and nowhere else', () => {
  const { connect, seats, state, notes } = seated({ all: 4, perAddress: 4 });
  const crawling = connect('a');
  const fast = connect('b');
  const follower = connect('c');
  for (const one of [crawling, fast, follower]) one.isBusy = true;
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      state.now += 1000;
      for (const one of [crawling, fast]) one.writableLength = 256 * 1024;
      crawling.bytesWritten += 1000;
      fast.bytesWritten += 100_000;
      seats.sweep();
    }
  };
  pass(100);
  assert.equal(crawling.ended, undefined, 'there are seats');
  const fourth = connect('d');
  pass(9);
  assert.equal(crawling.ended, undefined, 'not on sight');
  pass(3);
  assert.deepEqual(
    [crawling, fast, follower, fourth].map(({ ended }) => ended),
    ['destroyed', undefined, undefined, undefined],
  );
  assert.deepEqual(notes, ['slow a']);
});

test('and where what they hold takes too much memory', () => {
  const { connect, seats, state } = seated({ all: 400, perAddress: 400 });
  const crawling = connect('a');
  crawling.isBusy = true;
  crawling.writableLength = 1;
  state.short = true;
  for (let second = 0; second < 12; second++) {
    state.now += 1000;
    seats.sweep();
  }
  assert.equal(crawling.ended, 'destroyed');
});
