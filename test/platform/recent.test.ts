import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { recent } from '../../src/platform/recent.ts';

test('the first who asks waits; later ones get the last answer at once, and cause a new one when it is old', async () => {
  let now = 0;
  const answers: ((answer: string) => void)[] = [];
  const ask = () => new Promise<string>((resolve) => answers.push(resolve));
  const some = recent(ask, 1000, () => now);
  const both = Promise.all([some(), some()]);
  answers[0]!('first');
  assert.deepEqual(await both, ['first', 'first']);
  now = 999;
  assert.equal(await some(), 'first');
  assert.equal(answers.length, 1);
  now = 1000;
  assert.equal(await some(), 'first', 'it does not wait for the new one');
  assert.equal(answers.length, 2);
  answers[1]!('second');
  await turn();
  assert.equal(await some(), 'second');
});

test('a question that fails is asked again at once, and what was known stands', async () => {
  let now = 0;
  let fails = true;
  const some = recent(
    async () => {
      if (fails) throw new Error('no');
      return now;
    },
    1000,
    () => now,
  );
  await assert.rejects(some(), /no/);
  fails = false;
  assert.equal(await some(), 0);
  fails = true;
  now = 5000;
  assert.equal(await some(), 0);
});
