import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkLoader } from '../../src/assets/loader-check.ts';
import { bzImage, gzippedCpio, nbp, pe } from './headers.ts';

const BIOS = { architecture: 'bios', sha256: [] } as const;
const X64 = { architecture: 'x64', sha256: [] } as const;

test('a boot program for BIOS is accepted for BIOS, and only there', () => {
  assert.equal(checkLoader(BIOS, nbp()), undefined);
  assert.match(checkLoader(X64, nbp()) ?? '', /no EFI program but a BIOS boot program/);
});

test('an EFI program is accepted for UEFI, and only there', () => {
  assert.equal(checkLoader(X64, pe('x64')), undefined);
  assert.match(checkLoader(BIOS, pe('x64')) ?? '', /EFI program, which BIOS machines cannot run/);
});

test('an EFI program for other machines than those that load it is refused', () => {
  const arm64 = { architecture: 'arm64', sha256: [] } as const;
  assert.match(
    checkLoader(arm64, pe('x64')) ?? '',
    /is for 64-bit x86, but machines that load it are 64-bit ARM/,
  );
  assert.match(checkLoader({ ...arm64, architecture: 'ia32' }, pe('x64')) ?? '', /32-bit x86/);
  assert.equal(checkLoader(arm64, pe('arm64')), undefined);
});

test('error pages are told from loaders', () => {
  const page = Buffer.from(`<!DOCTYPE html><html><title>404</title>${' '.repeat(100_000)}`);
  assert.match(checkLoader(BIOS, page) ?? '', /web page/);
  assert.match(
    checkLoader(BIOS, Buffer.from('404 page not found\n')) ?? '',
    /text file, not a loader: "404 page/,
  );
});

test('other files are named for what they are', () => {
  assert.match(checkLoader(BIOS, gzippedCpio) ?? '', /no BIOS boot program but an initrd/);
  assert.match(checkLoader(BIOS, bzImage({ efi: false })) ?? '', /no BIOS boot program but a Linux kernel/);
  assert.match(checkLoader(BIOS, Buffer.alloc(0)) ?? '', /is empty/);
});

test('a cut-off EFI program is told by its own section table', () => {
  assert.match(
    checkLoader(X64, pe('x64').subarray(0, 60_000)) ?? '',
    /cut off: .* 100000 bytes, and there are 60000/,
  );
});

test('a BIOS program that is too short or too long to be one is refused', () => {
  assert.match(checkLoader(BIOS, nbp(500)) ?? '', /only 500 bytes/);
  assert.match(checkLoader(BIOS, nbp(700_000)) ?? '', /more than a BIOS machine can load/);
});

test('the SHA-256 decides where one is given', () => {
  const hash = createHash('sha256').update(nbp()).digest('hex');
  assert.equal(checkLoader({ ...BIOS, sha256: ['0'.repeat(64), hash] }, nbp()), undefined);
  assert.match(
    checkLoader({ ...BIOS, sha256: [hash] }, nbp(70_001)) ?? '',
    new RegExp(`LOADER_SHA256 says ${hash}`),
  );
});

test('any bytes are judged', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom(BIOS, X64), (bytes, loader) => {
      assert.equal(typeof checkLoader(loader, bytes), 'string');
    }),
  );
});

const real = existsSync('/usr/lib/ipxe/undionly.kpxe') ? {} : { skip: 'no /usr/lib/ipxe here' };

test('Debian’s loaders pass', real, () => {
  for (const name of ['undionly.kpxe', 'ipxe.pxe', 'snponly.efi', 'ipxe.efi']) {
    if (existsSync(`/usr/lib/ipxe/${name}`)) {
      const loader = name.endsWith('.efi') ? X64 : BIOS;
      assert.equal(checkLoader(loader, readFileSync(`/usr/lib/ipxe/${name}`)), undefined, name);
    }
  }
});
