import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryWaits } from '../../src/tftp/retry.ts';
import { Rig, summary, terms } from './rig.ts';

test('without a negotiated timeout the first retransmission comes after a second, and later ones more slowly', () => {
  const rig = new Rig(5000);
  rig.start(100);
  const times: number[] = [];
  while (!rig.transfer.outcome) {
    const { deadline } = rig.transfer;
    times.push(deadline - 100);
    assert.deepEqual(rig.expire(deadline - 1), [], 'nothing is sent before its time');
    const sent = rig.expire(deadline);
    assert.equal(summary(sent), rig.transfer.outcome ? 'error 0: timed out' : 'data 1');
  }
  assert.deepEqual(times, [1000, 3000, 7000, 15000, 23000]);
  assert.deepEqual(rig.transfer.outcome, { type: 'timeout' });
  assert.equal(rig.transfer.retransmissions, 4);
});

test('a negotiated timeout is kept to the letter', () => {
  const rig = new Rig(5000, terms({ timeout: 3 }));
  rig.start(0);
  assert.equal(rig.transfer.deadline, 3000);
  rig.expire();
  assert.equal(rig.transfer.deadline, 6000);
  rig.ack(1, 7000);
  assert.equal(rig.transfer.deadline, 10_000);
});

test('an ACK that moves the transfer on starts the waits anew', () => {
  const rig = new Rig(5000);
  rig.start(0);
  for (let i = 0; i < 4; i++) rig.expire();
  rig.ack(1, 20_000);
  assert.equal(rig.transfer.deadline, 21_000);
});

test('an ACK that moves nothing puts no deadline off', () => {
  const rig = new Rig(5000);
  rig.start(0);
  rig.ack(0, 900);
  rig.ack(7, 999);
  assert.equal(rig.transfer.deadline, 1000);
});

test('every timeout that can be negotiated gives at least one retransmission and an end', () => {
  for (let seconds = 1; seconds <= 255; seconds++) {
    const waits = retryWaits(seconds);
    assert.ok(waits.length >= 2 && waits.every((wait) => wait === seconds * 1000), `${seconds} s`);
    assert.ok(waits.reduce((a, b) => a + b) <= Math.max(60, 2 * seconds) * 1000, `${seconds} s`);
  }
});
