import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check, Patient } from '../../../src/commands/doctor/check.ts';
import { CHECKS } from '../../../src/commands/doctor/checks.ts';
import { examine, summaryOf } from '../../../src/commands/doctor/examine.ts';

const patient = {} as Patient;
const ok: Check = {
  name: 'fine',
  title: 'Fine',
  look: async () => [{ state: 'ok', what: 'a', detail: 'b' }],
};

test('a check that throws is unknown, with the reason, and the others go on', async () => {
  const broken: Check = { ...ok, name: 'broken', look: () => Promise.reject(new Error('no such thing')) };
  const [first, second] = await examine(patient, [broken, ok], 1000);
  assert.deepEqual(first?.lines, [
    { state: 'unknown', what: 'broken', detail: 'could not be looked at: no such thing' },
  ]);
  assert.equal(second?.lines[0]?.state, 'ok');
});

test('a check that does not end is unknown when the time is over', async () => {
  const endless: Check = { ...ok, name: 'endless', look: () => new Promise(() => {}) };
  const [first, second] = await examine(patient, [endless, ok], 100);
  assert.match(first?.lines[0]?.detail ?? '', /longer than 0\.1 s/);
  assert.equal(second?.lines[0]?.state, 'ok');
});

test('every check has a name of one word, and no two the same', () => {
  const names = CHECKS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z]+$/);
});

test('the summary counts what is not well, and says where to begin', () => {
  const of = (...states: ('ok' | 'note' | 'warn' | 'fail' | 'unknown')[]) =>
    summaryOf([{ title: 'x', lines: states.map((state) => ({ state, what: 'a', detail: 'b' })) }]);
  assert.equal(of('ok', 'note'), 'All is well.');
  assert.equal(of('ok', 'warn', 'unknown'), '1 to be looked at, 1 unknown.');
  assert.match(of('fail', 'fail', 'warn'), /^2 failed, 1 to be looked at\. Mend the first/);
});
