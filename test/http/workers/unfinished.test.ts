import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadsFor } from '../../../src/http/workers/thread-count.ts';
import { Unfinished } from '../../../src/http/workers/unfinished.ts';
import type { Event } from '../../../src/journal/event.ts';

test('of a thread that is gone each transfer ends once, with what was told of it last', () => {
  const events: Event[] = [];
  let now = 1000;
  const unfinished = new Unfinished(
    (event) => events.push(event),
    () => now,
  );
  const about = (transfer: number) => ({ transfer, address: '10.0.0.9', name: 'initrd' });
  for (const transfer of [1, 2, 3])
    unfinished.hear({ kind: 'http.asset.start', ...about(transfer), size: 90 });
  const range = { first: 10, last: 29 };
  unfinished.hear({ kind: 'http.asset.start', ...about(4), range, size: 90 });
  unfinished.hear({ kind: 'http.asset.progress', ...about(1), bytes: 40, wanted: 90 });
  unfinished.hear({ kind: 'http.asset.done', ...about(2), bytes: 90, milliseconds: 1 });
  const hungUp = { bytes: 1, wanted: 90, milliseconds: 1, reason: undefined };
  unfinished.hear({ kind: 'http.asset.aborted', ...about(3), ...hungUp });
  now = 1500;
  for (let time = 0; time < 2; time++) unfinished.abort('gone');
  const end = { kind: 'http.asset.aborted', milliseconds: 500, reason: 'gone' };
  assert.deepEqual(events, [
    { ...about(1), ...end, bytes: 40, wanted: 90 },
    { ...about(4), ...end, range, bytes: 0, wanted: 20 },
  ]);
});

test('threads are half of the processors: one on up to three, never more than four', () => {
  assert.deepEqual([1, 2, 3, 4, 6, 8, 64].map(threadsFor), [1, 1, 1, 2, 3, 4, 4]);
});
