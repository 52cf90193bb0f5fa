import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../../src/protocol/dhcp/packet.ts';
import { relayInfo } from '../../../src/protocol/dhcp/relay.ts';
import { first } from '../../fixtures/dhcp.ts';

const NOTHING = { link: undefined, subnet: undefined, serverOverride: undefined };
const relay = (...bytes: number[]) => relayInfo(new Map([[OPTION.relayAgent, Uint8Array.from(bytes)]]));

test('link selection and server identifier override are read among other sub-options', () => {
  const told = relay(1, 3, 101, 116, 104, 5, 4, 10, 1, 0, 1, 11, 4, 10, 1, 0, 2);
  assert.deepEqual(told, { ...NOTHING, link: 0x0a010001, serverOverride: 0x0a010002 });
});

test('subnet selection is an option of its own', () => {
  const options = new Map([[OPTION.subnetSelection, Uint8Array.of(10, 2, 0, 0)]]);
  assert.deepEqual(relayInfo(options), { ...NOTHING, subnet: 0x0a020000 });
});

test('a relay that adds nothing says nothing', () => {
  const { options } = decodePacket(first('relay-bios-server-side', 'DISCOVER').bytes);
  assert.deepEqual(relayInfo(options), NOTHING);
});

test('what cannot be read says nothing, and what stands before it does', () => {
  assert.deepEqual(relay(5, 3, 10, 1, 0), NOTHING);
  assert.deepEqual(relay(5, 4, 10, 1, 0, 1, 11, 9, 1).link, 0x0a010001);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => void relay(...bytes)));
});
