import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINE_LIMIT, LineLimit } from '../../src/journal/line-limit.ts';

function limit() {
  let now = 0;
  const told: string[] = [];
  const later: { at: number; callback: () => void }[] = [];
  const lines = new LineLimit(
    (kind, count) => told.push(`${count} of ${kind}`),
    () => now,
    (milliseconds, callback) => later.push({ at: now + milliseconds, callback }),
  );
  const pass = (milliseconds: number) => {
    now += milliseconds;
    for (const due of later.filter(({ at }) => at <= now)) {
      later.splice(later.indexOf(due), 1);
      due.callback();
    }
  };
  const printed = (kind: string, times: number) =>
    Array.from({ length: times }, () => lines.passes(kind)).filter(Boolean).length;
  return { told, pass, printed };
}

test('so many lines of a kind are printed at once, and then a few a second', () => {
  const { pass, printed } = limit();
  assert.equal(printed('dhcp.nak', 1000), LINE_LIMIT.atOnce);
  pass(10_000);
  assert.equal(printed('dhcp.nak', 1000), 10 * LINE_LIMIT.perSecond);
});

test('lines that are left out are counted: after a second, then once a minute', () => {
  const { told, pass, printed } = limit();
  printed('dhcp.nak', LINE_LIMIT.atOnce + 7);
  pass(999);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, ['7 of dhcp.nak']);
  printed('dhcp.nak', 1000);
  pass(59_000);
  assert.equal(told.length, 1);
  pass(1000);
  assert.deepEqual(told[1], `${1000 - LINE_LIMIT.perSecond} of dhcp.nak`);
});

test('one kind does not hold back another', () => {
  const { printed } = limit();
  printed('dhcp.nak', 1000);
  assert.equal(printed('dhcp.offer', 5), 5);
});

test('nothing is said where nothing is left out', () => {
  const { told, pass, printed } = limit();
  printed('dhcp.nak', LINE_LIMIT.atOnce);
  pass(120_000);
  assert.deepEqual(told, []);
});

test('after a pause there is room for as many as at first, and no more', () => {
  const { pass, printed } = limit();
  printed('dhcp.nak', 1000);
  pass(3_600_000);
  assert.equal(printed('dhcp.nak', 1000), LINE_LIMIT.atOnce);
});
