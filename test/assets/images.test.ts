import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { AssetError } from '../../src/assets/asset.ts';
import { BlockCache } from '../../src/assets/blocks.ts';
import { openImages } from '../../src/assets/images.ts';
import type { Event } from '../../src/journal/event.ts';
import { Folder } from './folder.ts';

function open(images: Folder, loaders: Folder, cache = new BlockCache({ blockSize: 64, limit: 256 })) {
  const events: Event[] = [];
  const source = openImages(
    { images: images.path, loaders: loaders.path },
    (event) => events.push(event),
    cache,
  );
  return { source, events, cache };
}

function bytes(length: number, seed = 1): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 31 + seed * 17) & 255));
}

/** Closing takes its time on another thread. */
async function settles(folder: Folder, count: number): Promise<void> {
  for (let tries = 0; tries < 500 && folder.descriptors() !== count; tries++) await sleep(4);
  assert.equal(folder.descriptors(), count);
}

test('any part of a file is what was written, however it lies across blocks', async () => {
  using images = new Folder();
  using loaders = new Folder();
  const content = bytes(1000);
  images.write('vmlinuz', content);
  const { source, cache } = open(images, loaders);
  const asset = await source.open('vmlinuz');
  assert.equal(asset.size, 1000);
  await fc.assert(
    fc.asyncProperty(fc.nat(1200), fc.nat(400), async (offset, length) => {
      const part = await asset.read(offset, length);
      assert.deepEqual(Buffer.from(part), content.subarray(offset, offset + length));
      assert.ok(cache.size <= 256);
    }),
  );
  asset.close();
});

test('a Raspberry Pi gets its files from the folder of its serial number, and what is not there is not found', async () => {
  using images = new Folder();
  using loaders = new Folder();
  mkdirSync(images.at('9ffefdef'));
  images.write('9ffefdef/start4.elf', bytes(100));
  const { source } = open(images, loaders);
  const asset = await source.open('9ffefdef/start4.elf');
  assert.deepEqual(Buffer.from(await asset.read(0, 100)), bytes(100));
  asset.close();
  await assert.rejects(source.open('9ffefdef/config.txt'), { code: 'not-found' });
});

test('a second read of a block is synchronous and needs no file', async () => {
  using images = new Folder();
  using loaders = new Folder();
  images.write('vmlinuz', bytes(200));
  const { source } = open(images, loaders);
  const asset = await source.open('vmlinuz');
  assert.ok(asset.read(0, 10) instanceof Promise);
  await asset.read(0, 128);
  assert.deepEqual(asset.read(60, 10), bytes(200).subarray(60, 70));
  asset.close();
  const again = await source.open('/vmlinuz');
  assert.deepEqual(again.read(0, 64), bytes(200).subarray(0, 64));
  again.close();
});

test('transfers of one file share one descriptor and one read', async () => {
  using images = new Folder();
  using loaders = new Folder();
  images.write('vmlinuz', bytes(200));
  const { source } = open(images, loaders);
  const assets = await Promise.all(Array.from({ length: 30 }, () => source.open('vmlinuz')));
  await settles(images, 1);
  const parts = assets.map((asset) => asset.read(0, 64));
  assert.equal(new Set(await Promise.all(parts)).size > 0, true);
  const buffers = (await Promise.all(parts)).map((part) => part.buffer);
  assert.equal(new Set(buffers).size, 1);
  for (const asset of assets) asset.close();
  assets[0]!.close();
});

test('descriptors are closed when the last transfer ends, reads in flight included', async () => {
  using images = new Folder();
  using loaders = new Folder();
  images.write('vmlinuz', bytes(200));
  const { source } = open(images, loaders);
  for (let round = 0; round < 20; round++) {
    const asset = await source.open('vmlinuz');
    const reading = asset.read(0, 200);
    asset.close();
    assert.equal((await reading).length, 200);
  }
  await settles(images, 0);
});

test('a file that is replaced in the middle of a transfer keeps its old content for that transfer', async () => {
  using images = new Folder();
  using loaders = new Folder();
  images.write('vmlinuz', bytes(640, 1));
  const { source } = open(images, loaders);
  const old = await source.open('vmlinuz');
  await old.read(0, 64);
  images.write('new', bytes(640, 2));
  renameSync(images.at('new'), images.at('vmlinuz'));
  const fresh = await source.open('vmlinuz');
  assert.deepEqual(Buffer.from(await old.read(0, 640)), bytes(640, 1));
  assert.deepEqual(Buffer.from(await fresh.read(0, 640)), bytes(640, 2));
  old.close();
  fresh.close();
});

test('a file that is overwritten in the middle of a transfer ends it with an error, never a mix', async () => {
  using images = new Folder();
  using loaders = new Folder();
  for (const overwrite of [
    () => writeFileSync(images.at('vmlinuz'), bytes(640, 2)),
    () => writeFileSync(images.at('vmlinuz'), 'short'),
    () => appendFileSync(images.at('vmlinuz'), 'more'),
  ]) {
    images.write('vmlinuz', bytes(640, 1));
    const { source } = open(images, loaders);
    const asset = await source.open('vmlinuz');
    const first = await asset.read(0, 64);
    overwrite();
    await assert.rejects(
      async () => asset.read(64, 64),
      (error) => {
        assert.ok(error instanceof AssetError);
        assert.equal(error.code, 'unreadable');
        assert.match(error.message, /vmlinuz was changed while/);
        return true;
      },
    );
    assert.deepEqual(Buffer.from(first), bytes(640, 1).subarray(0, 64));
    asset.close();
  }
});

test('an empty file has no bytes and is no error', async () => {
  using images = new Folder();
  using loaders = new Folder();
  images.write('empty', '');
  const asset = await open(images, loaders).source.open('empty');
  assert.equal(asset.size, 0);
  assert.equal((await asset.read(0, 100)).length, 0);
  asset.close();
});

test('a loader that images/ does not have is the packaged one, and that is said once', async () => {
  using images = new Folder();
  using loaders = new Folder();
  loaders.write('undionly.kpxe', 'packaged');
  const { source, events } = open(images, loaders);
  for (const name of ['undionly.kpxe', '/undionly.kpxe', '\\undionly.kpxe']) {
    const asset = await source.open(name);
    assert.equal(Buffer.from(await asset.read(0, 100)).toString(), 'packaged');
    asset.close();
  }
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['asset.loader.packaged'],
  );
});

test('a loader in images/ goes before the packaged one', async () => {
  using images = new Folder();
  using loaders = new Folder();
  loaders.write('undionly.kpxe', 'packaged');
  images.write('undionly.kpxe', 'own');
  const { source, events } = open(images, loaders);
  const asset = await source.open('undionly.kpxe');
  assert.equal(Buffer.from(await asset.read(0, 100)).toString(), 'own');
  asset.close();
  assert.deepEqual(events, []);
});

test('nothing else of the packaged folder can be had', async () => {
  using images = new Folder();
  using loaders = new Folder();
  loaders.write('passwords', 'secret');
  const { source } = open(images, loaders);
  for (const name of ['passwords', 'undionly.kpxe', 'x/undionly.kpxe']) {
    await assert.rejects(
      source.open(name),
      (error) => error instanceof AssetError && error.code === 'not-found',
    );
  }
});
