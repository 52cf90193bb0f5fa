import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Asset } from '../../src/assets/asset.ts';
import { FileBlocks } from '../../src/tftp/file-blocks.ts';
import { content } from './rig.ts';

const file = content(0, 900_000);

function asset(bytes: Uint8Array, later = false, size = bytes.length): Asset {
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return {
    name: 'file',
    size,
    read: (offset, length) => (later ? Promise.resolve(read(offset, length)) : read(offset, length)),
    close: () => {},
  };
}

for (const later of [false, true]) {
  test(`blocks hold the bytes of their place in the file, wherever pieces of it end (${later ? 'read later' : 'read at once'})`, async () => {
    const windows = fc.tuple(fc.integer({ min: 8, max: 65_464 }), fc.nat(), fc.integer({ min: 1, max: 4 }));
    await fc.assert(
      fc.asyncProperty(windows, async ([blockSize, place, window]) => {
        const blocks = new FileBlocks(asset(file, later), blockSize);
        const lastBlock = Math.floor(file.length / blockSize) + 1;
        const first = 1 + (place % lastBlock);
        const last = Math.min(first + window - 1, lastBlock);
        await blocks.fetch(first, last);
        for (let block = first; block <= last; block++) {
          const into = Buffer.alloc(blockSize + 2, 255);
          blocks.copy(block, into, 1);
          const expected = file.subarray((block - 1) * blockSize, block * blockSize);
          assert.equal(blocks.length(block), expected.length);
          assert.ok(into.subarray(1, 1 + expected.length).equals(expected), `block ${block} of ${blockSize}`);
          assert.equal(into[0], 255);
          assert.equal(into[1 + expected.length], 255);
        }
      }),
    );
  });
}

test('a piece is read once for all of its blocks, and again when it has been let go of', () => {
  let reads = 0;
  const counting: Asset = {
    ...asset(file),
    read: (offset, length) => {
      reads += 1;
      return file.subarray(offset, offset + length);
    },
  };
  const blocks = new FileBlocks(counting, 1000);
  for (let block = 1; block <= 260; block++) blocks.fetch(block, block);
  assert.equal(reads, 1);
  blocks.fetch(262, 264);
  assert.equal(reads, 2, 'the piece that the last block was in is still held');
  blocks.release();
  blocks.fetch(264, 264);
  assert.equal(reads, 3);
});

test('a file that has become shorter is an error, not a short block in the middle', async () => {
  const cut = file.subarray(0, 300_000);
  assert.throws(
    () => new FileBlocks(asset(cut, false, file.length), 1468).fetch(200, 203),
    /ends 224288 bytes early/,
  );
  await assert.rejects(
    async () => new FileBlocks(asset(cut, true, file.length), 1468).fetch(200, 203),
    /bytes early/,
  );
});

test('the empty block at the end of a file of whole blocks needs no read', () => {
  const blocks = new FileBlocks(asset(file.subarray(0, 1024)), 512);
  assert.equal(blocks.fetch(3, 3), undefined);
  assert.equal(blocks.length(3), 0);
  const into = Buffer.alloc(4, 7);
  blocks.copy(3, into, 0);
  assert.deepEqual([...into], [7, 7, 7, 7]);
});
