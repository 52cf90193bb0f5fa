import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '../../src/platform/udp-patience.ts';

const LIMIT = 0.05;

/** A peer that asks again so long after each answer, and a loop that turns each `step` while it looks. Counts turns that met nothing. */
function lockStep(patience: Patience, rounds: number, gap: number, clock: { now: number }, step = 0.01) {
  let empty = 0;
  for (let round = 0; round < rounds; round++) {
    let looking = patience.afterTurn(true, true, clock.now);
    const next = clock.now + gap;
    while (looking && clock.now + step < next) {
      clock.now += step;
      looking = patience.afterTurn(false, false, clock.now);
      empty += 1;
    }
    clock.now = next;
  }
  return empty;
}

test('without a limit nobody looks', () => {
  const patience = new Patience(0);
  assert.ok(!patience.afterTurn(true, true, 0));
  assert.ok(!patience.afterTurn(false, false, 0));
});

test('after an answer it looks for as long as the limit says, and no longer', () => {
  const patience = new Patience(LIMIT);
  assert.ok(patience.afterTurn(true, true, 10));
  assert.ok(patience.afterTurn(false, false, 10.04));
  assert.ok(!patience.afterTurn(false, false, 10.06));
  assert.ok(!patience.afterTurn(false, false, 10.07));
});

test('what was received but waits for something else is not looked after', () => {
  const patience = new Patience(LIMIT);
  assert.ok(!patience.afterTurn(true, false, 10));
  assert.ok(!patience.afterTurn(false, false, 10.01));
});

test('it goes on looking for a peer in lock step, however long that takes', () => {
  const patience = new Patience(LIMIT);
  const clock = { now: 0 };
  lockStep(patience, 10_000, 0.02, clock);
  assert.ok(patience.afterTurn(true, true, clock.now));
});

test('it soon stops looking for peers that take longer, and costs next to nothing then', () => {
  const patience = new Patience(LIMIT);
  const empty = lockStep(patience, 10_000, 10, { now: 0 });
  assert.ok(empty < 100, `${empty} turns for nothing`);
});

test('it looks again once a quick peer has come', () => {
  const patience = new Patience(LIMIT);
  const clock = { now: 0 };
  lockStep(patience, 100, 10, clock);
  assert.ok(!patience.afterTurn(true, true, clock.now));
  // Met after waking up, which takes about as long as the limit.
  clock.now += 1.5 * LIMIT;
  assert.ok(patience.afterTurn(true, true, clock.now));
});

test('of quick and slow peers by turns, it looks while most are met', () => {
  const patience = new Patience(LIMIT);
  const clock = { now: 0 };
  for (let round = 0; round < 100; round++) {
    lockStep(patience, 9, 0.02, clock);
    lockStep(patience, 1, 1, clock);
  }
  assert.ok(patience.afterTurn(true, true, clock.now));
  for (let round = 0; round < 100; round++) {
    lockStep(patience, 1, 0.02, clock);
    lockStep(patience, 4, 1, clock);
  }
  assert.ok(lockStep(patience, 100, 1, clock) < 100);
});
