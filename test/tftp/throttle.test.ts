import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { throttle } from '../../src/tftp/throttle.ts';

test('what anyone can cause is told so many times a second, then as a number', () => {
  let now = 100;
  const told: Event[] = [];
  const sink = throttle((event) => void told.push(event), { now: () => now, monotonic: () => 0 }, 2);
  const junk: Event = { kind: 'tftp.malformed', address: '10.0.0.1', problem: 'noise' };
  const real: Event = { kind: 'tftp.stopped', ended: 0 };
  for (let i = 0; i < 5; i++) sink(junk);
  sink(real);
  now = 101;
  sink(junk);
  assert.deepEqual(told, [junk, junk, real, { kind: 'tftp.unlogged', events: 3 }, junk]);
});
