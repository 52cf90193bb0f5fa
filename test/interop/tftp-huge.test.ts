import assert from 'node:assert/strict';
import { closeSync, openSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { openImages } from '../../src/assets/images.ts';
import { Folder } from '../assets/folder.ts';
import { profileOf } from '../profile.ts';
import { load } from '../tftp/loader.ts';
import { Running } from '../tftp/running.ts';

const GIB = 2 ** 30;

test('a file of more than 4 GiB arrives with every mark at its place, past offset 2^32', async (t) => {
  using folder = new Folder();
  const size = 4 * GIB + 5_000_003;
  // Sparse: only the marks are on the disk.
  const marks = [0, GIB, 2 * GIB - 4, 3 * GIB + 1, 4 * GIB - 4, 4 * GIB + 7, size - 8];
  const file = openSync(folder.at('disk.iso'), 'w');
  for (const at of marks) writeSync(file, `mark ${marks.indexOf(at)}!\n`, at);
  closeSync(file);
  folder.age('disk.iso', 60);

  const base = profileOf();
  // The MTU of loopback, which allows the largest block there is.
  const profile = profileOf({
    adapter: { ...base.adapter, mtu: 65536 },
    paths: { ...base.paths, images: folder.path },
  });
  const assets = openImages({ images: folder.path, loaders: folder.path }, () => {});
  const running = await Running.start(t, {}, { profile, assets });

  const seen: string[] = [];
  let offset = 0;
  let before = Buffer.alloc(0);
  const look = (data: Uint8Array) => {
    for (const at of marks) {
      // A mark may lie across two blocks.
      if (at + 8 <= offset || at + 8 > offset + data.length) continue;
      const from = at - offset + before.length;
      seen.push(Buffer.concat([before, data]).toString('latin1', from, from + 8));
    }
    before = Buffer.from(data.subarray(-8));
    offset += data.length;
  };
  const bytes = await load(running.service.port, 'disk.iso', { blksize: 65464, windowsize: 16 }, look);
  assert.equal(bytes, size);
  assert.deepEqual(
    seen,
    marks.map((_, n) => `mark ${n}!\n`),
  );
});
