import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AFTER_LEASE } from '../../src/leases/places.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { architecture, asking, BIOS_ROM, message, Rig, SERVER, vendorClass } from './rig.ts';

// The packets that break the `dhcp` package (docs/decisions/0002-dhcp-package.md) must not break this server.

test('a ROM that asks for options 60 and 61 is answered', () => {
  const { what } = new Rig().discover({
    options: { ...BIOS_ROM, ...asking(1, 3, 60, 61, 66, 67, 128, 129) },
  });
  assert.equal(what, 'OFFER');
});

test('a used-up pool neither hangs nor crashes', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 1, reserved: [] } });
  rig.lease('52:54:00:00:00:01');
  for (let n = 0; n < 1000; n++) {
    const mac = `52:54:00:01:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
    assert.equal(rig.discover({ mac }).what, 'silence');
  }
});

test('a pad option among others does not shift what follows', () => {
  const bytes = Buffer.from(message(MESSAGE.discover, { options: BIOS_ROM }));
  const padded = Buffer.concat([bytes.subarray(0, 243), Buffer.alloc(5), bytes.subarray(243)]);
  assert.equal(new Rig().bytes(padded).packet!.file, 'undionly.kpxe');
});

test('a scalar option of the wrong length is not believed', () => {
  const options = {
    [OPTION.requestedAddress]: Uint8Array.of(10, 0, 0),
    [OPTION.maxMessageSize]: Uint8Array.of(1),
  };
  assert.equal(new Rig().discover({ options }).yiaddr, '10.0.0.10');
  const twoBytes = Buffer.from(message(MESSAGE.discover));
  twoBytes[241] = 2;
  assert.equal(byteOf(decodePacket(twoBytes).options, OPTION.messageType), undefined);
  assert.equal(new Rig().bytes(twoBytes).what, 'silence');
});

test('a packet without the cookie, or of 230 bytes, is dropped with an event', () => {
  const bytes = Buffer.from(message(MESSAGE.discover));
  for (const broken of [bytes.subarray(0, 230), Buffer.concat([bytes.subarray(0, 236), Buffer.alloc(64)])]) {
    assert.deepEqual(new Rig().bytes(broken).kinds, ['dhcp.malformed']);
  }
});

test('options 77, 82, 93, 94, 97 and 175 are known', () => {
  const { what, packet } = new Rig().discover({
    giaddr: '10.0.0.40',
    options: {
      ...vendorClass('PXEClient'),
      ...architecture(0),
      [OPTION.clientInterface]: Uint8Array.of(1, 2, 1),
      [OPTION.clientMachineId]: new Uint8Array(17),
      [OPTION.relayAgent]: Uint8Array.of(1, 1, 1),
    },
  });
  assert.equal(what, 'OFFER');
  assert.ok(packet!.options.has(82) && packet!.options.has(97));
});

test('a REQUEST meant for another server is not acknowledged', () => {
  assert.equal(
    new Rig().select('10.0.0.10', { options: { [OPTION.serverIdentifier]: '10.0.0.9' } }).what,
    'silence',
  );
});

test('a REQUEST that is wrong is refused, and RELEASE, DECLINE and INFORM are served', () => {
  const rig = new Rig();
  assert.equal(rig.select('10.0.0.99').what, 'NAK');
  const address = rig.lease('52:54:00:00:00:01');
  assert.deepEqual(rig.bytes(message(MESSAGE.release, { ciaddr: address })).kinds, ['dhcp.release']);
  rig.lease('52:54:00:00:00:01');
  const options = { [OPTION.requestedAddress]: address, [OPTION.serverIdentifier]: SERVER };
  assert.deepEqual(rig.bytes(message(MESSAGE.decline, { options })).kinds, ['dhcp.decline']);
  assert.deepEqual(rig.bytes(message(MESSAGE.inform, { ciaddr: '10.0.0.30' })).kinds, ['dhcp.inform']);
});

test('leases expire', () => {
  const rig = new Rig({ pool: { first: 0x0a00000a, count: 1, reserved: [] } });
  rig.lease('52:54:00:00:00:01');
  rig.now += 7200 + AFTER_LEASE;
  assert.equal(rig.lease('52:54:00:00:00:02'), '10.0.0.10');
});
