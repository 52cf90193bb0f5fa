import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Alarm } from '../../src/tftp/alarm.ts';

test('an alarm rings once, for the soonest of the times, and only after the sockets have been read again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 1000;
  let rung = 0;
  const alarm = new Alarm({ now: () => 0, monotonic: () => now }, () => {
    rung += 1;
  });
  const pass = async (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
    const atOnce = rung;
    for (let turn = 0; turn < 4; turn++) await nextTurn();
    return atOnce;
  };
  for (const at of [1500, 1040, Number.POSITIVE_INFINITY, 1300]) alarm.atLatest(at);
  await pass(39);
  assert.equal(rung, 0);
  assert.equal(await pass(1), 0, 'not before the next turn of the event loop');
  assert.equal(rung, 1);
  await pass(1000);
  assert.equal(rung, 1, 'later times are set again by who is woken');
  alarm.atLatest(now + 10);
  alarm.stop();
  alarm.atLatest(now + 10);
  await pass(1000);
  assert.equal(rung, 1, 'a stopped alarm is silent');
});
