import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transfer } from '../../src/tftp/transfer.ts';
import { byteAt, Rig, terms } from './rig.ts';

test('block numbers go on with 0 after 65535, and the data with its place in the file', () => {
  const blockSize = 8;
  const blocks = 140_000;
  const rig = new Rig(blocks * blockSize, terms({ blockSize, windowSize: 60 }));
  let block = 0;
  let sent = rig.start();
  while (sent.length > 0) {
    for (const packet of sent) {
      block += 1;
      assert.ok(packet.type === 'data');
      assert.equal(packet.block, block % 65536);
      if (block <= blocks) assert.equal(packet.data[3], byteAt((block - 1) * blockSize + 3));
    }
    sent = rig.ack(block % 65536);
  }
  assert.equal(block, blocks + 1);
  assert.deepEqual(rig.transfer.outcome, { type: 'done' });
});

test('a gap across the wrap is filled from the acknowledged block', () => {
  const rig = new Rig(8 * 70_000, terms({ blockSize: 8, windowSize: 4 }));
  rig.start();
  for (let block = 4; block <= 65532; block += 4) rig.ack(block);
  const numbers = rig.ack(65534).map((packet) => packet.type === 'data' && packet.block);
  assert.deepEqual(numbers, [65535, 0, 1, 2]);
  rig.ack(2);
  assert.equal(rig.transfer.acknowledged, (65536 + 2) * 8);
});

test('the blocks of a file of more than 4 GB are counted to the last one', () => {
  const size = 2 ** 32 + 70_000;
  const blockSize = 65464;
  const transfer = new Transfer(size, terms({ blockSize, windowSize: 2 }));
  let block = 0;
  for (let step = transfer.start(0); step.type === 'blocks'; step = transfer.acknowledge(block % 65536, 0)) {
    assert.equal(step.first, block + 1);
    block = step.last;
    transfer.sent(0);
  }
  assert.equal(block, Math.floor(size / blockSize) + 1);
  assert.deepEqual(transfer.outcome, { type: 'done' });
});
