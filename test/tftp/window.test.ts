import assert from 'node:assert/strict';
import { test } from 'node:test';
import { content, Rig, summary, terms } from './rig.ts';

const windowed = (size = 512 * 10, windowSize = 4) => {
  const rig = new Rig(size, terms({ windowSize }));
  return { rig, first: summary(rig.start()) };
};

test('a window of blocks is sent for each ACK, the last one shorter', () => {
  const { rig, first } = windowed();
  assert.equal(first, 'data 1, data 2, data 3, data 4');
  assert.equal(summary(rig.ack(4)), 'data 5, data 6, data 7, data 8');
  assert.equal(summary(rig.ack(8)), 'data 9, data 10, data 11');
  rig.ack(11);
  assert.deepEqual(rig.transfer.outcome, { type: 'done' });
  assert.equal(rig.transfer.retransmissions, 0);
});

test('an ACK inside the window is a gap: all is sent again from there (RFC 7440)', () => {
  const { rig } = windowed();
  assert.equal(summary(rig.ack(2)), 'data 3, data 4, data 5, data 6');
  assert.equal(rig.transfer.retransmissions, 2);
  assert.equal(summary(rig.ack(6)), 'data 7, data 8, data 9, data 10');
});

test('a second gap is filled at once, in order', () => {
  const { rig } = windowed();
  rig.ack(1);
  assert.equal(summary(rig.ack(3)), 'data 4, data 5, data 6, data 7');
});

test('a peer that answers copies gets new blocks only for a second ACK inside the window', () => {
  const { rig } = windowed();
  rig.ack(1);
  rig.ack(1);
  assert.equal(summary(rig.ack(3)), 'data 6, data 7');
  assert.equal(rig.transfer.retransmissions, 3);
  assert.equal(summary(rig.ack(7)), 'data 8, data 9, data 10, data 11');
});

test('if nothing follows that ACK, there was another gap, and it is filled', () => {
  const { rig } = windowed();
  rig.ack(1, 50);
  rig.ack(1, 50);
  rig.ack(3, 60);
  assert.equal(rig.transfer.deadline, 160);
  assert.equal(summary(rig.expire()), 'data 4, data 5, data 6, data 7');
  assert.ok(rig.transfer.deadline > 160 + 100);
});

test('an ACK that a peer’s own timer repeats brings the window at once: what was on its way is lost', () => {
  const { rig } = windowed();
  rig.ack(4, 50);
  assert.equal(summary(rig.ack(4, 1050)), 'data 5, data 6, data 7, data 8');
  assert.deepEqual(rig.ack(4, 1051), [], 'copies of it do not');
  assert.equal(summary(rig.ack(8, 1060)), 'data 9, data 10, data 11');
});

test('however long a peer repeats its ACK, it is given up after as long as if it were silent', () => {
  const { rig } = windowed();
  rig.ack(4, 50);
  let sent = 0;
  for (let at = 500; !rig.transfer.outcome && at < 100_000; at += 300) {
    if (at >= rig.transfer.deadline) sent += rig.expire(at).length;
    sent += rig.ack(4, at).length;
  }
  assert.deepEqual(rig.transfer.outcome, { type: 'timeout' });
  assert.ok(sent <= 13 * 4, `${sent} packets`);
});

test('where hardly a window comes whole, an ACK that tells of a gap at once teaches how long to wait', () => {
  const { rig } = windowed(512 * 100, 16);
  rig.ack(3, 0.2);
  assert.equal(rig.transfer.deadline, 20.2);
});

test('the filling of a gap teaches how long to wait, where it brings a block that was never sent', () => {
  const { rig } = windowed();
  rig.ack(2, 200);
  rig.ack(6, 200.2);
  assert.equal(rig.transfer.deadline, 220.2);
});

test('so does a gap in what was sent again, if it is told of at once', () => {
  const told = (ms: number) => {
    const { rig } = windowed();
    rig.expire(2500);
    rig.ack(2, 2500 + ms);
    return rig.transfer.deadline - 2500 - ms;
  };
  assert.ok(told(5) < 100);
  assert.equal(told(50), 2500);
});

test('an ACK that a peer’s own timer repeats does not count as an answer to copies', () => {
  const { rig } = windowed();
  rig.ack(1, 50);
  rig.ack(1, 950);
  assert.equal(summary(rig.ack(3, 960)), 'data 4, data 5, data 6, data 7');
});

test('further copies of the ACK that told of a gap are not answered', () => {
  const { rig } = windowed();
  rig.ack(2);
  assert.deepEqual([...rig.ack(2), ...rig.ack(2), ...rig.ack(1)], []);
});

test('a duplicate of the ACK that ended a window is not answered', () => {
  const { rig } = windowed();
  rig.ack(4);
  assert.deepEqual([...rig.ack(4), ...rig.ack(4)], []);
  assert.equal(summary(rig.ack(8)), 'data 9, data 10, data 11');
});

test('after a timeout the window is sent again from the acknowledged block', () => {
  const { rig } = windowed();
  rig.ack(4);
  assert.equal(summary(rig.expire()), 'data 5, data 6, data 7, data 8');
  assert.equal(rig.transfer.retransmissions, 4);
});

test('blocks hold the bytes of their place in the file', () => {
  const { rig } = windowed(3000);
  const [, , block7] = [...rig.ack(4)];
  assert.equal(block7, undefined, 'a file of 3000 bytes has six blocks');
  const [five] = rig.expire();
  assert.ok(five?.type === 'data');
  assert.deepEqual([...five.data], [...content(4 * 512, 512)]);
});

test('a window holds fewer blocks only at the end of the file, the empty one among them', () => {
  const { rig, first } = windowed(1024);
  assert.equal(first, 'data 1, data 2, data 3');
  rig.ack(3);
  assert.deepEqual(rig.transfer.outcome, { type: 'done' });
});
