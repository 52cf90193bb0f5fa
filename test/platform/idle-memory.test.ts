import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack, hasGrown, Lull } from '../../src/platform/idle-memory.ts';

test('a lull is told once, after some looks without work, and again only after more work', () => {
  const lull = new Lull();
  let used = 0;
  const told = (work: readonly number[]) =>
    work.map((milliseconds) => {
      used += milliseconds;
      return lull.look(used);
    });
  assert.deepEqual(told([5000, 0, 10, 20]), [false, false, false, false]);
  assert.deepEqual(told([900, 0, 0, 0, 0, 0, 0]), [false, false, false, false, true, false, false]);
  assert.deepEqual(told([900, 0, 0, 0, 0]), [false, false, false, false, true]);
});

test('giving memory back takes nothing that is needed', () => {
  const kept = { text: 'kept'.repeat(1000), bytes: Buffer.alloc(100_000, 7) };
  giveBack();
  assert.equal(kept.text.length, 4000);
  assert.ok(kept.bytes.every((byte) => byte === 7));
});

test('a heap is due for a collection when half as much again and eight megabytes have come to it, and not sooner', () => {
  assert.equal(hasGrown(12e6, 4e6), false);
  assert.equal(hasGrown(15e6, 4e6), true);
  assert.equal(hasGrown(700e6, 500e6), false);
  assert.equal(hasGrown(760e6, 500e6), true);
});
