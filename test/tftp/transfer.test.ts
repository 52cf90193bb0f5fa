import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Transfer } from '../../src/tftp/transfer.ts';
import { agreed, content, packetsOf, Rig, summary, terms } from './rig.ts';

describe('a transfer in lockstep (RFC 1350)', () => {
  test('goes on with each ACK and ends with a short block', () => {
    const rig = new Rig(1100);
    assert.equal(summary(rig.start()), 'data 1');
    assert.equal(summary(rig.ack(1)), 'data 2');
    const [last] = rig.ack(2);
    assert.ok(last?.type === 'data');
    assert.deepEqual([...last.data], [...content(1024, 76)]);
    assert.deepEqual(rig.ack(3), []);
    assert.deepEqual(rig.transfer.outcome, { type: 'done' });
  });

  test('ends a file of whole blocks with an empty one', () => {
    const rig = new Rig(1024);
    rig.start();
    rig.ack(1);
    const [last] = rig.ack(2);
    assert.ok(last?.type === 'data');
    assert.equal(last.data.length, 0);
    rig.ack(3);
    assert.deepEqual(rig.transfer.outcome, { type: 'done' });
  });

  test('sends an empty file as one empty block', () => {
    const rig = new Rig(0);
    assert.equal(summary(rig.start()), 'data 1');
    rig.ack(1);
    assert.deepEqual(rig.transfer.outcome, { type: 'done' });
  });

  test('never answers a duplicate, stale or premature ACK (Sorcerer’s Apprentice)', () => {
    const rig = new Rig(5000);
    rig.start();
    rig.ack(1);
    rig.ack(2);
    for (const block of [2, 1, 0, 4, 5, 65535, 2]) assert.deepEqual(rig.ack(block), [], `ACK ${block}`);
    assert.equal(summary(rig.ack(3)), 'data 4');
    assert.equal(rig.transfer.retransmissions, 0);
  });
});

describe('the OACK', () => {
  test('comes first, and data only after ACK 0', () => {
    const rig = new Rig(600, agreed({ accepted: new Map([['blksize', '512']]) }));
    assert.equal(summary(rig.start()), 'oack blksize=512');
    assert.deepEqual(rig.ack(1), []);
    assert.equal(summary(rig.ack(0)), 'data 1');
    assert.deepEqual(rig.ack(0), []);
  });

  test('is sent again when ACK 0 does not come', () => {
    const rig = new Rig(600, agreed());
    rig.start();
    assert.equal(summary(rig.expire()), 'oack tsize=1');
    assert.equal(rig.transfer.retransmissions, 1);
    assert.equal(summary(rig.ack(0)), 'data 1');
  });

  test('answered with ERROR 8 is a question about the size, not a failure', () => {
    const rig = new Rig(600, agreed());
    rig.start();
    assert.deepEqual(rig.transfer.abort(8, 'User aborted the transfer'), { type: 'wait' });
    assert.deepEqual(rig.transfer.outcome, {
      type: 'aborted',
      code: 8,
      message: 'User aborted the transfer',
      probe: true,
    });
  });
});

describe('a repeated request', () => {
  test('is answered with the first reply again while nothing is acknowledged', () => {
    const oack = new Rig(600, agreed());
    oack.start();
    assert.equal(summary(oack.repeatFirst()), 'oack tsize=1');
    const data = new Rig(600);
    data.start();
    assert.equal(summary(data.repeatFirst()), 'data 1');
  });

  test('is not answered once anything is acknowledged', () => {
    const oack = new Rig(600, agreed());
    oack.start();
    oack.ack(0);
    assert.deepEqual(oack.repeatFirst(), []);
    const data = new Rig(600);
    data.start();
    data.ack(1);
    assert.deepEqual(data.repeatFirst(), []);
  });
});

describe('an end that is not the file’s', () => {
  test('an ERROR of the peer in the middle ends it without an answer', () => {
    const rig = new Rig(5000);
    rig.start();
    rig.ack(1);
    assert.deepEqual(rig.transfer.abort(3, 'disk full'), { type: 'wait' });
    assert.deepEqual(rig.transfer.outcome, { type: 'aborted', code: 3, message: 'disk full', probe: false });
    assert.deepEqual(rig.ack(2), []);
  });

  test('a file that cannot be read is told to the peer', () => {
    const rig = new Rig(5000);
    rig.start();
    const step = rig.transfer.fail('input/output error');
    assert.equal(summary(packetsOf(step, rig.transfer)), 'error 0: the file cannot be read');
    assert.deepEqual(rig.transfer.outcome, { type: 'failed', problem: 'input/output error' });
  });

  test('nothing is awaited and nothing sent after it', () => {
    const rig = new Rig(5000);
    rig.start();
    rig.transfer.cancel('the server is shutting down');
    assert.equal(rig.transfer.deadline, Number.POSITIVE_INFINITY);
    assert.deepEqual(rig.ack(1), []);
    assert.deepEqual(rig.transfer.fail('late'), { type: 'wait' });
    assert.deepEqual(rig.transfer.outcome, { type: 'cancelled', reason: 'the server is shutting down' });
  });
});

test('while the file is being read nothing is due, and ACKs do not ask for another read', () => {
  const transfer = new Transfer(5000, terms());
  assert.deepEqual(transfer.start(0), { type: 'blocks', first: 1, last: 1 });
  assert.equal(transfer.deadline, Number.POSITIVE_INFINITY);
  assert.deepEqual(transfer.acknowledge(1, 5), { type: 'wait' });
  assert.deepEqual(transfer.expire(1e9), { type: 'wait' });
  transfer.sent(1e9);
  assert.equal(transfer.deadline, 1e9 + 1000);
});
