import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecording, SIGN_LATE_MS, watched } from '../../src/journal/coverage.ts';
import type { Run } from '../../src/journal/recorded.ts';

const run = (from: number, seen: number, also: Partial<Run> = {}): Run => ({
  service: 'tftp',
  from,
  seen,
  ended: false,
  ...also,
});
const covered = (runs: readonly Run[], from: number, to: number) =>
  watched({ runs, gaps: [] }, 'tftp', from, to);

test('a service that lives may be late with its sign, and is taken to record until then', () => {
  const runs = [run(1000, 20_000)];
  assert.ok(covered(runs, 1000, 20_000 + SIGN_LATE_MS));
  assert.ok(!covered(runs, 1000, 20_000 + SIGN_LATE_MS + 1));
  assert.ok(!covered(runs, 999, 20_000));
  assert.ok(isRecording({ runs, gaps: [] }, 'tftp', 20_000 + SIGN_LATE_MS));
  assert.ok(!isRecording({ runs, gaps: [] }, 'dhcp', 20_000));
});

test('one that said goodbye recorded until then and no longer', () => {
  const runs = [run(1000, 20_000, { ended: true })];
  assert.ok(covered(runs, 1000, 20_000));
  assert.ok(!covered(runs, 1000, 20_001));
});

test('one that was killed, and is back before anybody missed it, did not record in between', () => {
  const runs = [run(1000, 20_000), run(21_000, 30_000)];
  assert.ok(!covered(runs, 19_000, 20_500));
  assert.ok(!covered(runs, 19_000, 25_000));
  assert.ok(covered(runs, 21_000, 30_000 + SIGN_LATE_MS));
  assert.ok(covered(runs, 19_000, 20_000));
});

test('another service’s run says nothing about it', () => {
  assert.ok(covered([run(1000, 20_000), run(15_000, 30_000, { service: 'http' })], 1000, 20_001));
});

test('a stretch in which events were lost was not watched', () => {
  const gaps = [{ service: 'tftp', from: 5000, to: 6000, events: 3 }] as const;
  const runs = [run(1000, 20_000)];
  assert.ok(!watched({ runs, gaps }, 'tftp', 5500, 9000));
  assert.ok(watched({ runs, gaps }, 'tftp', 6001, 9000));
  assert.ok(watched({ runs, gaps: [{ ...gaps[0], service: 'dhcp' }] }, 'tftp', 5500, 9000));
});
