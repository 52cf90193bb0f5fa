import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Measurement } from '../../bench/contract.ts';
import { bestPeer, ratioOf, spreadOf } from '../../bench/statistics.ts';

const measured = (better: 'more' | 'less', samples: Measurement['samples']): Measurement => ({
  id: 'x',
  work: 'x',
  unit: 's',
  better,
  samples,
});

test('the median of an even number of samples lies between the two in the middle', () => {
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, least: 1, most: 4 });
  assert.deepEqual(spreadOf([9, 1, 5]), { median: 5, least: 1, most: 9 });
});

test('runs that failed do not count, and nothing comes of nothing', () => {
  assert.deepEqual(spreadOf([null, 7, null]), { median: 7, least: 7, most: 7 });
  assert.equal(spreadOf([null]), undefined);
  assert.equal(ratioOf([1], [null]), undefined);
  assert.equal(ratioOf([], [1]), undefined);
});

test('a ratio is of the medians, and its spread of the pairs that were measured in one round', () => {
  assert.deepEqual(ratioOf([10, 20, 60], [10, 10, 20]), { ratio: 2, least: 1, most: 3 });
  assert.deepEqual(ratioOf([10, null, 60], [10, 10, null]), { ratio: 3.5, least: 1, most: 1 });
});

test('the order of rounds changes no median', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { minLength: 1 }), (samples) => {
      assert.deepEqual(spreadOf(samples), spreadOf(samples.toReversed()));
      const { median, least, most } = spreadOf(samples)!;
      assert.ok(least <= median && median <= most);
    }),
  );
});

test('the best peer is the one with the best median; ours is none', () => {
  const samples = { ours: [100, 100], slow: [1, 2], fast: [5, 6], broken: [null, null] };
  assert.equal(bestPeer(measured('more', samples)), 'fast');
  assert.equal(bestPeer(measured('less', samples)), 'slow');
  assert.equal(bestPeer(measured('less', { ours: [1], broken: [null] })), undefined);
});
