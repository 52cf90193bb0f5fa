import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fact, heldTwice, holdsOf, promises } from '../../reliability/kills/facts.ts';

const ack = (at: number, mac: string, address = 'x', until = at + 60): Fact => ({
  kind: 'ack',
  at,
  mac,
  address,
  until,
  wall: until / 1000,
});
const release = (at: number, mac: string): Fact => ({ kind: 'release', at, mac });
const twice = (...facts: Fact[]) => heldTwice(holdsOf(facts)) !== undefined;

test('an address that another machine gets before its lease is over was held twice', () => {
  assert.ok(twice(ack(0, 'a'), ack(59, 'b')));
  assert.ok(!twice(ack(0, 'a'), ack(60, 'b')));
  assert.ok(!twice(ack(0, 'a'), ack(10, 'b', 'y')));
  assert.ok(!twice(ack(0, 'a'), ack(10, 'a')));
});

test('a renewal puts off the end of a lease, and a release, a NAK or another address is the end of it', () => {
  assert.ok(twice(ack(0, 'a'), ack(30, 'a'), ack(80, 'b')));
  assert.ok(!twice(ack(0, 'a'), release(20, 'a'), ack(21, 'b')));
  assert.ok(!twice(ack(0, 'a'), { kind: 'nak', at: 20, mac: 'a' }, ack(21, 'b')));
  assert.ok(!twice(ack(0, 'a'), ack(20, 'a', 'y'), ack(21, 'b')));
});

test('one that is held long is held against all that come after, not only the next', () => {
  assert.ok(twice(ack(0, 'a', 'x', 1000), release(5, 'b'), ack(10, 'a'), ack(999, 'c')));
});

test('what a server has promised at a moment is the last ACK of each machine that still counts on it', () => {
  const facts = [ack(0, 'a'), ack(1, 'b'), ack(10, 'a'), release(20, 'b'), ack(30, 'c')];
  const macs = (at: number) => promises(facts, at).map(({ mac, until }) => `${mac} ${until}`);
  assert.deepEqual(macs(5), ['a 60', 'b 61']);
  assert.deepEqual(macs(25), ['a 70']);
  assert.deepEqual(macs(75), ['c 90']);
});
