import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../src/boot/client.ts';
import { planFor } from '../../src/boot/plan.ts';
import { OPTION } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { captured } from '../fixtures/dhcp.ts';

const settings = {
  http: { address: 0x0a630001, port: 8080 },
  tftp: 0x0a630002,
  loaders: { bios: 'b', x64: 'x', arm64: 'a', ia32: 'i', arm32: 'a3' },
  hasLoader: () => true,
};

const ofIpxe = captured()
  .map(({ capture, bytes }) => ({ capture, packet: decodePacket(bytes) }))
  .filter(({ packet }) => packet.op === 1 && packet.options.has(OPTION.ipxe));

const url = (packet: Packet) => {
  const plan = planFor(classify(packet), settings);
  assert.equal(plan.kind, 'script');
  return 'url' in plan ? plan.url : undefined;
};

/** The packet with other features in its option 175. */
const withFeatures = (packet: Packet, ...codes: number[]): Packet => ({
  ...packet,
  options: new Map(packet.options).set(OPTION.ipxe, Buffer.from(codes.flatMap((code) => [code, 1, 1]))),
});

test('every captured iPXE speaks HTTP and is sent to the script by HTTP', () => {
  assert.ok(ofIpxe.length > 20);
  for (const { capture, packet } of ofIpxe)
    assert.equal(url(packet), 'http://10.99.0.1:8080/infrakit.ipxe', capture);
});

test('an iPXE whose features lack HTTP is sent to the script by TFTP', () => {
  const { packet } = ofIpxe[0]!;
  assert.equal(url(withFeatures(packet, 21, 24)), 'tftp://10.99.0.2/infrakit.ipxe');
  assert.equal(url(withFeatures(packet, 21, 19)), 'http://10.99.0.1:8080/infrakit.ipxe');
});

test('an iPXE that lists no features is taken for one with HTTP', () => {
  const { packet } = ofIpxe[0]!;
  assert.equal(url(withFeatures(packet)), 'http://10.99.0.1:8080/infrakit.ipxe');
});
