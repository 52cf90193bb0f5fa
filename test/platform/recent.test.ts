import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { recent } from '../../src/platform/recent.ts';

/** A question whose answers a test gives, by a clock that it sets. */
class Asked {
  now = 0;
  readonly answers: ((answer: string) => void)[] = [];
  readonly some: () => Promise<string>;

  constructor(patience?: number) {
    const ask = () => new Promise<string>((resolve) => this.answers.push(resolve));
    const times = { fresh: 1000, stale: 3000, ...(patience === undefined ? {} : { patience }) };
    this.some = recent(ask, times, () => this.now);
  }
}

test('those who ask together share one answer, which stands while it is fresh', async () => {
  const asked = new Asked();
  const both = Promise.all([asked.some(), asked.some()]);
  asked.answers[0]!('first');
  assert.deepEqual(await both, ['first', 'first']);
  asked.now = 999;
  assert.equal(await asked.some(), 'first');
  assert.equal(asked.answers.length, 1);
});

test('one that is no longer fresh is given at once while the new one is on its way', async () => {
  const asked = new Asked();
  const first = asked.some();
  asked.answers[0]!('first');
  await first;
  asked.now = 1000;
  assert.equal(await asked.some(), 'first');
  assert.equal(await asked.some(), 'first');
  assert.equal(asked.answers.length, 2, 'and only one is on its way');
  asked.answers[1]!('second');
  await turn();
  assert.equal(await asked.some(), 'second');
});

test('one that is stale is given to nobody, but where patience ends', async () => {
  for (const patience of [undefined, 20]) {
    const asked = new Asked(patience);
    const first = asked.some();
    asked.answers[0]!('first');
    await first;
    asked.now = 3000;
    const later = asked.some();
    if (patience === undefined) asked.answers[1]!('second');
    assert.equal(await later, patience === undefined ? 'second' : 'first');
  }
});

test('a question that fails is asked again at once, and what is known and not stale stands', async () => {
  let now = 0;
  let fails = true;
  const some = recent(
    async () => {
      if (fails) throw new Error('no');
      return now;
    },
    { fresh: 1000, stale: 3000 },
    () => now,
  );
  await assert.rejects(some(), /no/);
  fails = false;
  assert.equal(await some(), 0);
  fails = true;
  now = 2000;
  assert.equal(await some(), 0);
  now = 5000;
  await assert.rejects(some(), /no/);
});
