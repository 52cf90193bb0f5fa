import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockCache, type BlockSource } from '../../src/assets/blocks.ts';

const BLOCK = 16;

/** A file of so many blocks that counts how often it is read. */
function counted(key: string, blocks: number, path = key) {
  const count = { reads: 0 };
  const size = blocks * BLOCK;
  const handle = {
    async read(into: Buffer, at: number, length: number, position: number) {
      count.reads++;
      into.fill(position / BLOCK, at, at + length);
      return { bytesRead: length };
    },
  } as unknown as FileHandle;
  const version = { key, written: key, size, modified: 0, changed: 0 };
  const file = { handle, version, isUnchanged: async () => true };
  const source: BlockSource = { path, file };
  return { source, count };
}

test('however many read one file that fits, and however far apart, each block is read once', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 64 * BLOCK });
  const { source, count } = counted('a', 64);
  const readers = Array.from({ length: 500 }, () => cache.reader(source));
  for (let step = 0; step < 64 + 100; step++) {
    const turn = readers.map((read, n) => {
      const index = step - (n % 100);
      return index >= 0 && index < 64 ? read(index) : undefined;
    });
    await Promise.all(turn);
  }
  assert.equal(count.reads, 64);
});

test('those who are close together share their reads of a file that does not fit', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 8 * BLOCK });
  const { source, count } = counted('a', 300);
  const readers = Array.from({ length: 500 }, () => cache.reader(source));
  for (let step = 0; step < 307; step++) {
    const turn = readers.map((read, n) => {
      const index = step - (n % 7);
      return index >= 0 && index < 300 ? read(index) : undefined;
    });
    await Promise.all(turn);
  }
  assert.equal(count.reads, 300);
});

test('never more is kept than the limit, and what was used last is kept', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 4 * BLOCK });
  const files = ['a', 'b', 'c'].map((key) => ({ ...counted(key, 5), used: [] as number[] }));
  const readers = files.map(({ source }) => cache.reader(source));
  const order: string[] = [];
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.nat(4), async (file, index) => {
      const key = `${file} ${index}`;
      const kept = order.slice(-4).includes(key);
      const block = readers[file]!(index);
      assert.equal(block instanceof Uint8Array, kept);
      assert.equal((await block)[0], index);
      if (order.includes(key)) order.splice(order.indexOf(key), 1);
      order.push(key);
      assert.equal(cache.size, Math.min(4, order.length) * BLOCK);
    }),
    { numRuns: 500 },
  );
});

test('what is in memory of a file is there for those who open it anew', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 8 * BLOCK });
  const first = counted('a', 2);
  await cache.reader(first.source)(1);
  const again = counted('a', 2);
  assert.ok(cache.reader(again.source)(1) instanceof Uint8Array);
  assert.equal(again.count.reads, 0);
});

test('a file that replaces another takes its place in memory, and those who still load the other one get its bytes', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 64 * BLOCK });
  const [first, second] = [counted('first', 8, 'initrd'), counted('second', 4, 'initrd')];
  const read = cache.reader(first.source);
  for (let index = 0; index < 6; index++) await read(index);
  const late = read(6);
  const readSecond = cache.reader(second.source);
  assert.equal(cache.size, 0, 'nothing is kept of what was replaced');
  for (let index = 0; index < 4; index++) await readSecond(index);
  assert.equal((await late)[0], 6);
  assert.equal((await read(7))[0], 7);
  assert.equal((await read(0))[0], 0);
  assert.equal(cache.size, 4 * BLOCK, 'nor of what was read of it later');
  await cache.reader(second.source)(3);
  assert.equal(second.count.reads, 4);
});

test('a read that fails is tried anew by the next who asks', async () => {
  const cache = new BlockCache({ blockSize: BLOCK, limit: 8 * BLOCK });
  const { source } = counted('a', 1);
  let broken = true;
  const handle = {
    read: (...args: Parameters<FileHandle['read']>) =>
      broken ? Promise.reject(new Error('EIO')) : source.file.handle.read(...args),
  } as unknown as FileHandle;
  const read = cache.reader({ ...source, file: { ...source.file, handle } });
  await assert.rejects(async () => read(0), { code: 'unreadable' });
  broken = false;
  assert.equal((await read(0)).length, BLOCK);
});
