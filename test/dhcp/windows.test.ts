import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { longOf, text } from '../../src/protocol/dhcp/options.ts';
import { type Answered, asking, BROADCAST_FLAG, ip, message, Rig, SERVER, vendorClass } from './rig.ts';

/** Windows 10 and 11: what its DISCOVER, REQUEST and INFORM hold, 43 among what it asks for. */
const MAC = '00:15:5d:01:02:03';
const FQDN = 81;
const WINDOWS = {
  ...vendorClass('MSFT 5.0'),
  [OPTION.clientIdentifier]: Uint8Array.from([1, ...Buffer.from(MAC.replaceAll(':', ''), 'hex')]),
  [OPTION.hostName]: text('DESKTOP-1'),
  ...asking(1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252),
};
const NOTHING_TO_BOOT = [43, 60, 66, 67, 97, 175];

function assertNothingToBoot({ packet }: Answered): void {
  assert.equal(packet!.siaddr, 0);
  assert.equal(packet!.file, '');
  assert.equal(packet!.sname, '');
  for (const code of NOTHING_TO_BOOT) assert.ok(!packet!.options.has(code), `option ${code}`);
}

test('Windows gets an address, with the router and DNS that it asks for, and nothing to boot', () => {
  const rig = new Rig();
  const offer = rig.discover({ mac: MAC, options: WINDOWS });
  assert.equal(offer.what, 'OFFER');
  assertNothingToBoot(offer);
  const ack = rig.select(offer.yiaddr, {
    mac: MAC,
    options: { ...WINDOWS, [FQDN]: Uint8Array.from([0, 0, 0, ...text('DESKTOP-1')]) },
  });
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.yiaddr, offer.yiaddr);
  assertNothingToBoot(ack);
  for (const code of [1, 3, 6, 15, 51, 54]) assert.ok(ack.packet!.options.has(code), `option ${code}`);
});

test('the INFORM that Windows sends for a proxy configuration is answered to its address, without a lease', () => {
  const rig = new Rig();
  const address = rig.lease(MAC, WINDOWS);
  const inform = rig.bytes(
    message(MESSAGE.inform, { mac: MAC, ciaddr: address, flags: BROADCAST_FLAG, options: WINDOWS }),
  );
  assert.equal(inform.what, 'ACK');
  assert.equal(inform.packet!.yiaddr, 0);
  assert.equal(inform.to, `${address}:68`);
  assert.equal(inform.packet!.ciaddr, ip(address));
  assert.ok(!inform.packet!.options.has(OPTION.leaseTime));
  assert.equal(longOf(inform.packet!.options, OPTION.serverIdentifier), ip(SERVER));
  assertNothingToBoot(inform);
});
