import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauses } from '../../src/assets/pauses.ts';

test('pauses double up to the longest, and never end', () => {
  const all = pauses({ first: 2, longest: 20, random: () => 0 });
  assert.deepEqual(
    Array.from({ length: 7 }, () => all.next().value),
    [2, 4, 8, 16, 20, 20, 20],
  );
});

test('chance shortens a pause by up to a quarter, never lengthens it', () => {
  const all = pauses({ first: 1000, longest: 4000, random: () => 0.999 });
  assert.deepEqual(
    Array.from({ length: 4 }, () => all.next().value),
    [750, 1501, 3001, 3001],
  );
});
