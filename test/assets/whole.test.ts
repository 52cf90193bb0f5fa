import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { HEAD_BYTES, recognise } from '../../src/assets/recognise.ts';
import { kernelWholeness, wholenessOf } from '../../src/assets/whole.ts';
import { requires } from '../lab/requires.ts';

/** An archive as `cpio -H newc` makes it. */
function cpio(files: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries({ ...files, 'TRAILER!!!': Buffer.alloc(0) });
  return Buffer.concat(
    entries.flatMap(([name, content]) => {
      const fields = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
      const header = Buffer.from(
        `070701${fields.map((one) => one.toString(16).padStart(8, '0')).join('')}${name}\0`,
      );
      return [header, padding(header.length), content, padding(content.length)];
    }),
  );
}
const padding = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);

const noise = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 2654435761) >>> 24));
const archive = cpio({ init: Buffer.from('#!/bin/sh\n'), noise });
const microcode = Buffer.concat([
  cpio({ 'kernel/x86/microcode/GenuineIntel.bin': noise.subarray(0, 5000) }),
  Buffer.alloc(512),
]);

describe('an initrd', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rblab-whole-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function look(bytes: Buffer): Promise<string> {
    const file = join(folder, 'initrd');
    writeFileSync(file, bytes);
    const handle = await open(file);
    try {
      const kind = recognise(bytes.subarray(0, HEAD_BYTES));
      return (await wholenessOf(handle, bytes.length, kind, new AbortController().signal)).state;
    } finally {
      await handle.close();
    }
  }

  const whole: Record<string, () => Buffer> = {
    'plain cpio': () => archive,
    gzip: () => zlib.gzipSync(archive),
    zstd: () => zlib.zstdCompressSync(archive),
    'microcode before gzip': () => Buffer.concat([microcode, zlib.gzipSync(archive)]),
    'microcode before zstd': () => Buffer.concat([microcode, zlib.zstdCompressSync(archive)]),
    'gzip with zeros after it': () => Buffer.concat([zlib.gzipSync(archive), Buffer.alloc(1000)]),
  };
  for (const [name, make] of Object.entries(whole)) {
    test(`of ${name} is whole, and cut off anywhere it is not`, async () => {
      const bytes = make();
      assert.equal(await look(bytes), 'whole');
      const end = bytes.findLastIndex((byte) => byte !== 0);
      const shortest = Math.min(end, (name.startsWith('microcode') ? microcode.length : 0) + 400);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: shortest, max: end }), async (length) => {
          assert.equal(await look(bytes.subarray(0, length)), 'cut off', `${length} bytes`);
        }),
        { numRuns: 30 },
      );
    });
  }

  test('of xz is whole, and cut off it is not', requires('xz'), async () => {
    const bytes = execFileSync('xz', ['--check=crc32', '-c'], { input: archive, maxBuffer: 1 << 24 });
    assert.equal(await look(bytes), 'whole');
    for (const cut of [1, 4, 30]) assert.equal(await look(bytes.subarray(0, bytes.length - cut)), 'cut off');
  });

  test('of lz4 as the kernel reads it is whole, and cut off it is not', async () => {
    const block = Buffer.alloc(5000, 7);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(block.length);
    const bytes = Buffer.concat([Buffer.of(0x02, 0x21, 0x4c, 0x18), length, block, length, block]);
    assert.equal(await look(bytes), 'whole');
    for (const cut of [1, 4999, 5001, 5003])
      assert.equal(await look(bytes.subarray(0, bytes.length - cut)), 'cut off');
  });

  test('that is damaged inside is told as well', async () => {
    const bytes = zlib.gzipSync(archive);
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 50);
    assert.equal(await look(bytes), 'cut off');
  });

  test('of any bytes never throws', async () => {
    const begins = [archive, zlib.zstdCompressSync(archive), zlib.gzipSync(archive)].map((one) =>
      one.subarray(0, 300),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...begins),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(300),
        async (begin, bytes, at) => {
          await look(Buffer.concat([begin.subarray(0, at), bytes]));
        },
      ),
      { numRuns: 100 },
    );
  });
});

test('a bzImage ends where its header says, or later: a signature may follow', () => {
  const head = Buffer.alloc(1024);
  head.write('HdrS', 0x202, 'latin1');
  head.writeUInt8(3, 0x1f1);
  head.writeUInt32LE(100, 0x1f4);
  const long = 4 * 512 + 1600;
  assert.equal(kernelWholeness(head, long).state, 'whole');
  assert.equal(kernelWholeness(head, long + 1000).state, 'whole');
  assert.equal(kernelWholeness(head, long - 1).state, 'cut off');
});
