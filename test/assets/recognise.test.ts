import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, recognise } from '../../src/assets/recognise.ts';
import { arm64Image, bzImage, cpio, gzippedCpio, nbp, pe } from './headers.ts';

test('x86 kernels are told with version, width and EFI stub', () => {
  assert.deepEqual(recognise(bzImage()), {
    kind: 'kernel',
    architecture: 'x86_64',
    version: '6.1.0-40-amd64',
    efiStub: true,
  });
  assert.deepEqual(recognise(bzImage({ version: '5.4.0', long: false, efi: false })), {
    kind: 'kernel',
    architecture: 'x86',
    version: '5.4.0',
    efiStub: false,
  });
});

test('programs that borrow a kernel’s header are not kernels', () => {
  const lkrn = recognise(bzImage({ version: 'iPXE 1.21.1+' }));
  assert.equal(lkrn.kind, 'other');
  assert.match(describe(lkrn), /iPXE 1\.21/);
});

test('ARM kernels are told, packed ones with what to do', () => {
  assert.equal(recognise(arm64Image()).kind, 'kernel');
  assert.match(describe(recognise(zlib.gzipSync(arm64Image()))), /kernel in gzip: unpack it/);
  const zboot = pe('arm64');
  zboot.write('zimg', 4, 'latin1');
  assert.deepEqual(recognise(zboot), {
    kind: 'kernel',
    architecture: 'arm64',
    version: undefined,
    efiStub: true,
  });
});

test('initrds are told in every packing that Linux unpacks', () => {
  assert.deepEqual(recognise(cpio), { kind: 'initrd', compression: 'none' });
  assert.deepEqual(recognise(gzippedCpio), { kind: 'initrd', compression: 'gzip' });
  for (const [compression, magic] of [
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
    ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
    ['lz4', [0x02, 0x21, 0x4c, 0x18]],
    ['bzip2', [0x42, 0x5a, 0x68]],
    ['lzma', [0x5d, 0x00, 0x00]],
  ] as const) {
    assert.deepEqual(recognise(Buffer.from([...magic, 1, 2, 3])), { kind: 'initrd', compression });
  }
  assert.deepEqual(recognise(zlib.zstdCompressSync(cpio)), { kind: 'initrd', compression: 'zstd' });
});

test('other gzip files are not initrds', () => {
  assert.equal(recognise(zlib.gzipSync('a log file')).kind, 'other');
  assert.equal(recognise(gzippedCpio.subarray(0, 2)).kind, 'other');
  assert.equal(recognise(Buffer.from([0x1f, 0x8b, 8, 0, 255, 255, 255])).kind, 'other');
});

test('loaders are told by machine', () => {
  assert.deepEqual(recognise(pe('x64')), { kind: 'efi', machine: 'x64' });
  assert.deepEqual(recognise(pe('arm64')), { kind: 'efi', machine: 'arm64' });
  assert.deepEqual(recognise(nbp()), { kind: 'nbp' });
});

test('text, nothing, and anything else are told as such', () => {
  assert.equal(describe(recognise(Buffer.from('# README\n'))), 'a text file');
  assert.equal(describe(recognise(Buffer.alloc(0))), 'an empty file');
  assert.equal(describe(recognise(Buffer.from([1, 2, 3]))), 'an unknown kind of file');
});

test('any bytes are recognised as something', () => {
  const start = fc.constantFrom<Buffer>(
    bzImage().subarray(0, 0x300),
    pe('x64', 4096),
    gzippedCpio,
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), fc.nat(400), (head, noise, at) => {
      const bytes = Buffer.concat([head.subarray(0, at), noise, head.subarray(at)]);
      assert.ok(describe(recognise(bytes)).length > 0);
    }),
  );
});

const real = (path: string) => (existsSync(path) ? {} : { skip: `no ${path} here` });

test('Debian’s loaders are recognised', real('/usr/lib/ipxe/undionly.kpxe'), () => {
  assert.deepEqual(recognise(readFileSync('/usr/lib/ipxe/undionly.kpxe')), { kind: 'nbp' });
  assert.deepEqual(recognise(readFileSync('/usr/lib/ipxe/snponly.efi')), { kind: 'efi', machine: 'x64' });
});
