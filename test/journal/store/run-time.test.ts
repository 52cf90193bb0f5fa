import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SIGN_LATE_MS } from '../../../src/journal/coverage.ts';
import { RunTime } from '../../../src/journal/store/run-time.ts';

test('within a run time never goes back, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20_000, max: 20_000 })), (steps) => {
      const time = new RunTime(1_000_000);
      let now = 1_000_000;
      let before = { from: time.from, at: now };
      for (const step of steps) {
        now += step;
        const at = time.at(now);
        if (time.from === before.from) assert.ok(at >= before.at);
        assert.ok(Math.abs(at - now) <= 1000, 'and it stays with the clock');
        before = { from: time.from, at };
      }
    }),
  );
});

test('a clock that is set right by a little does not end a run', () => {
  const time = new RunTime(10_000);
  assert.equal(time.at(11_000), 11_000);
  assert.equal(time.at(10_100), 11_000);
  assert.equal(time.at(11_050), 11_050);
  assert.equal(time.from, 10_000);
});

test('a clock that is set back begins another run', () => {
  const time = new RunTime(10_000_000);
  assert.equal(time.at(5_000_000), 5_000_000);
  assert.equal(time.from, 5_000_000);
});

test('who was stopped for longer than a sign may be late was not recording: another run begins', () => {
  const time = new RunTime(0);
  time.at(SIGN_LATE_MS);
  assert.equal(time.from, 0);
  time.at(2 * SIGN_LATE_MS + 1);
  assert.equal(time.from, 2 * SIGN_LATE_MS + 1);
});
