import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dissect, optionName } from '../../src/journal/dissection.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { first } from '../fixtures/dhcp.ts';

test('a real ROM’s DISCOVER reads as a person would say it', () => {
  const lines = dissect(decodePacket(first('ovmf-pxe-snponly', 'DISCOVER').bytes));
  assert.match(lines[0]!, /^request, xid [0-9a-f]{8}, 52:54:00:[0-9a-f:]{8}, broadcast$/);
  assert.ok(lines.includes('53 DHCP Message Type: DISCOVER'));
  assert.ok(lines.includes('93 Client System Architecture: 7 UEFI x64'));
  assert.ok(lines.includes('60 Vendor Class-Identifier: "PXEClient:Arch:00007:UNDI:003000"'));
  assert.ok(lines.some((line) => /^55 Parameter Request List: 1 Subnet Mask, .*67 Bootfile name/.test(line)));
  assert.ok(lines.includes('94 Client Network Interface: 1, 3, 0'));
});

test('a value that has not the length of its type is shown in hex rather than wrongly', () => {
  const header = first('udhcpc', 'DISCOVER').bytes.subarray(0, 240);
  const lines = dissect(
    decodePacket(Buffer.concat([header, Buffer.from('3501013302010201020a00ff', 'hex')])),
  );
  assert.ok(lines.includes('51 IP Address Lease Time: 0102'));
  assert.ok(lines.includes('1 Subnet Mask: 0a00'));
});

test('options that the registry does not know are numbered, those of PXE are named', () => {
  assert.equal(optionName(250), 'Option 250');
  assert.deepEqual(
    [77, 82, 93, 94, 97, 175].map(optionName).filter((name) => name.startsWith('Option')),
    [],
  );
});
