import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { FEATURE, type Feature, readFeatures } from '../../../src/protocol/ipxe/features.ts';
import { captured } from '../../fixtures/dhcp.ts';

const NAMES = new Map<number, string>(Object.entries(FEATURE).map(([name, code]) => [code, name]));

/** The feature names that the iPXE of a capture lists, sorted. */
function listed(capture: string): string {
  const packet = captured(capture)
    .map(({ bytes }) => decodePacket(bytes))
    .find(({ op, options }) => op === 1 && options.has(OPTION.ipxe));
  const features = readFeatures(packet?.options.get(OPTION.ipxe)) ?? [];
  return [...features]
    .map((code) => NAMES.get(code) ?? `unknown ${code}`)
    .sort()
    .join(' ');
}

const builds = {
  'ipxe-rom-bios': 'aoe bzImage dns elf http iscsi menu multiboot nfs pxe pxeExtensions tftp',
  'undionly-chain': 'aoe bzImage dns elf http iscsi menu multiboot nfs pxe pxeExtensions tftp',
  'ovmf-pxe-snponly': 'aoe dns efi http iscsi menu nfs tftp',
  'ovmf-pxe-ipxe': 'aoe dns efi http iscsi menu nfs srp tftp',
  'ipxe2-snponly': 'aoe dns efi http https iscsi menu tftp vlan',
  'ipxe2-undionly': 'aoe bzImage dns elf http iscsi menu multiboot pxe pxeExtensions tftp',
};

for (const [capture, features] of Object.entries(builds)) {
  test(`${capture}: the features of this build are read`, () => assert.equal(listed(capture), features));
}

test('what is no feature is left out, and a list that is cut off counts as far as it goes', () => {
  assert.deepEqual(
    [...readFeatures(Uint8Array.of(176, 1, 1, 19, 1, 1, 0, 21, 1, 1, 255, 20, 1, 1))!],
    [19, 21],
  );
  assert.deepEqual([...readFeatures(Uint8Array.of(19, 1, 1, 21, 9, 1))!], [19]);
});

test('an option without features says nothing about the build', () => {
  for (const option of [undefined, Uint8Array.of(), Uint8Array.of(176, 1, 1), Uint8Array.of(19)]) {
    assert.equal(readFeatures(option), undefined);
  }
});

test('whatever the bytes, reading ends and gives features only', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      for (const code of readFeatures(bytes) ?? []) assert.ok(code >= 16 && code <= 127);
    }),
  );
});

test('the numbers are those of features.h', () => {
  const codes: Feature[] = [
    FEATURE.http,
    FEATURE.tftp,
    FEATURE.bzImage,
    FEATURE.efi,
    FEATURE.menu,
    FEATURE.nfs,
  ];
  assert.deepEqual(codes, [0x13, 0x15, 0x18, 0x24, 0x27, 0x29]);
});
