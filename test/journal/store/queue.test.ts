import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '../../../src/journal/store/queue.ts';
import { packet, told } from './rig.ts';

test('what does not fit is lost, and it is known how much and from when to when', () => {
  const queue = new Queue({ events: 2, weight: 1e6 });
  for (const at of [10, 20, 30, 40]) queue.push(at, told(at));
  assert.deepEqual(
    queue.take(9).map(({ at }) => at),
    [10, 20],
  );
  assert.deepEqual(queue.takeLost(), { from: 30, to: 40, events: 2 });
  assert.equal(queue.takeLost(), undefined);
});

test('large events count for more, and room is there again once they are taken', () => {
  const queue = new Queue({ events: 100, weight: 1000 });
  for (const at of [1, 2, 3, 4]) queue.push(at, packet(new Uint8Array(400)));
  assert.equal(queue.length, 3);
  assert.equal(queue.take(1).length, 1);
  queue.push(5, packet(new Uint8Array(400)));
  assert.deepEqual(
    queue.take(9).map(({ at }) => at),
    [2, 3, 5],
  );
  assert.equal(queue.takeLost()?.events, 1);
});

test('losses at several times are one until they are taken', () => {
  const queue = new Queue();
  queue.lose({ from: 50, to: 60, events: 3 });
  queue.lose({ from: 10, to: 20, events: 4 });
  assert.deepEqual(queue.takeLost(), { from: 10, to: 60, events: 7 });
});
