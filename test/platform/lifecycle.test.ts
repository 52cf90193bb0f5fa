import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GRACE_MS, Lifecycle } from '../../src/platform/lifecycle.ts';

function begun() {
  const due: { in: number; callback: () => void }[] = [];
  const life = new Lifecycle((milliseconds, callback) => due.push({ in: milliseconds, callback }));
  return { life, due };
}

test('the first signal asks for a stop, and for an end when the time for that is over', () => {
  const { life, due } = begun();
  life.signal('SIGTERM');
  assert.equal(life.stop.reason, 'SIGTERM');
  assert.equal(life.end.aborted, false);
  assert.deepEqual(
    due.map((one) => one.in),
    [GRACE_MS],
  );
  due[0]!.callback();
  assert.ok(life.end.aborted);
  assert.equal(life.isFault, false);
});

test('a second signal, whichever it is, asks for an end at once', () => {
  const { life } = begun();
  life.signal('SIGTERM');
  life.signal('SIGINT');
  assert.equal(life.end.reason, 'SIGINT');
  assert.equal(life.stop.reason, 'SIGTERM');
});

test('a fault asks for both at once, and is remembered', () => {
  const { life, due } = begun();
  life.fault();
  assert.ok(life.stop.aborted && life.end.aborted && life.isFault);
  assert.deepEqual(due, []);
});

test('what is waited for fits into the time that Docker gives', () => {
  const compose = readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8');
  const [, seconds] = /stop_grace_period: (\d+)s/.exec(compose)!;
  assert.ok(GRACE_MS + 1000 <= Number(seconds) * 1000);
});
