import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SteadyClock } from '../../src/platform/steady-clock.ts';

/** A host whose clock may be set, and which may sleep. */
class TestHost {
  wall = 1_800_000_000;
  ran = 50;
  slept = 0;
  readonly steady = new SteadyClock({
    clock: { now: () => Math.floor(this.wall), monotonic: () => this.ran * 1000 },
    uptime: () => this.ran + this.slept,
  });

  passes(seconds: number): void {
    this.wall += seconds;
    this.ran += seconds;
  }

  sleeps(seconds: number): void {
    this.wall += seconds;
    this.slept += seconds;
  }
}

test('it goes on as time does, however the clock on the wall is set', () => {
  const step = fc.record({
    what: fc.constantFrom('passes', 'set'),
    seconds: fc.integer({ min: -4e8, max: 4e8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const host = new TestHost();
      const start = host.steady.now();
      let passed = 0;
      for (const { what, seconds } of steps) {
        if (what === 'set') host.wall = Math.max(0, host.wall + seconds);
        else {
          host.passes(Math.abs(seconds) % 5000);
          passed += Math.abs(seconds) % 5000;
        }
        assert.ok(Math.abs(host.steady.now() - start - passed) <= 1);
        assert.ok(Math.abs(host.steady.now() + host.steady.set - Math.floor(host.wall)) <= 2);
      }
    }),
  );
});

test('the time that the host sleeps counts, once it has been awake for a second', () => {
  const host = new TestHost();
  const start = host.steady.now();
  host.sleeps(5000);
  host.passes(1.5);
  assert.equal(host.steady.now(), start + 5001);
  assert.equal(host.steady.set, 0);
});
