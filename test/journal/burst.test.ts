import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Burst, Bursts, MOST_SOURCES, sourcesText } from '../../src/journal/burst.ts';

/** Bursts with a clock of their own, and all that they told. */
function bursting() {
  let now = 0;
  const told: (Burst & { kind: string })[] = [];
  const alarms: { at: number; callback: () => void }[] = [];
  const bursts = new Bursts<'a' | 'b'>(
    (kind, burst) => told.push({ kind, ...burst }),
    () => now,
    (milliseconds, callback) => alarms.push({ at: now + milliseconds, callback }),
  );
  const pass = (seconds: number) => {
    const until = now + seconds * 1000;
    for (;;) {
      const due = alarms.filter(({ at }) => at <= until).sort((x, y) => x.at - y.at)[0];
      if (!due) break;
      alarms.splice(alarms.indexOf(due), 1);
      now = due.at;
      due.callback();
    }
    now = until;
  };
  return { bursts, told, pass, alarms };
}

test('a burst is told once when it is a second old: how many, from how many, and who most', () => {
  const { bursts, told, pass } = bursting();
  for (let n = 0; n < 1000; n++) bursts.note('a', n % 10 === 0 ? '10.0.0.6' : '10.0.0.5');
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, [{ kind: 'a', count: 1000, sources: 2, address: '10.0.0.5', milliseconds: 1000 }]);
});

test('one that goes on is told once a minute, each kind for itself', () => {
  const { bursts, told, pass } = bursting();
  for (let second = 0; second < 300; second++) {
    bursts.note('a', '10.0.0.5');
    if (second === 0) bursts.note('b', '10.0.0.5');
    pass(1);
  }
  assert.equal(told.filter(({ kind }) => kind === 'a').length, 5);
  assert.equal(told.filter(({ kind }) => kind === 'b').length, 1);
  assert.equal(
    told.reduce((sum, { kind, count }) => sum + (kind === 'a' ? count : 0), 0),
    241,
  );
});

test('after a quiet minute the next one is a new burst, and nothing is left running meanwhile', () => {
  const { bursts, told, pass, alarms } = bursting();
  bursts.note('a', '10.0.0.5');
  pass(200);
  assert.deepEqual(alarms, []);
  bursts.note('a', '10.0.0.7');
  pass(1);
  assert.deepEqual(
    told.map(({ address, milliseconds }) => [address, milliseconds]),
    [
      ['10.0.0.5', 1000],
      ['10.0.0.7', 1000],
    ],
  );
});

test('forged addresses take a bounded part of memory, and text says that there are more', () => {
  const { bursts, told, pass } = bursting();
  for (let n = 0; n < 100_000; n++) bursts.note('a', `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  pass(1);
  assert.equal(told[0]?.sources, MOST_SOURCES);
  assert.equal(told[0]?.count, 100_000);
  assert.equal(sourcesText(told[0]!), '10.0.0.0 and 1023 others and more');
  assert.equal(sourcesText({ address: '10.0.0.5', sources: 1 }), '10.0.0.5');
  assert.equal(sourcesText({ address: '10.0.0.5', sources: 2 }), '10.0.0.5 and 1 other');
});
