import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REHEARSAL } from '../../src/boot/rehearsal.ts';
import { handle } from '../../src/dhcp/engine.ts';
import type { Outcome } from '../../src/dhcp/question.ts';
import { AFTER_LEASE } from '../../src/leases/places.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { BIOS_ROM, ip, message, Rig, type Say, SERVER } from './rig.ts';

/** What the host itself says, beside the machines of the rig. */
function guestOf(rig: Rig) {
  const scopes = { local: rig.scopes.local.forGuest(60), relayed: [] };
  const say = (type: number, say: Say = {}): Outcome => {
    const outcome = handle(message(type, say), ip('127.0.0.1'), scopes, rig.now, REHEARSAL);
    rig.stored.push(...outcome.changes);
    return outcome;
  };
  const yiaddr = ({ answer }: Outcome) => formatIpv4(decodePacket(answer!.bytes).yiaddr);
  const discover = (mac = '52:54:00:00:00:99') => say(MESSAGE.discover, { mac, options: BIOS_ROM });
  const request = (address: string, mac = '52:54:00:00:00:99') =>
    say(MESSAGE.request, {
      mac,
      options: { ...BIOS_ROM, [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address },
    });
  return { say, discover, request, yiaddr };
}

test('whatever it calls itself it is one client, with one address, named as a rehearsal', () => {
  const rig = new Rig();
  const guest = guestOf(rig);
  const offered = new Set(
    Array.from({ length: 9 }, (_, n) => guest.yiaddr(guest.discover(`52:54:00:00:01:0${n}`))),
  );
  assert.equal(offered.size, 1);
  const outcome = guest.request([...offered][0]!);
  assert.deepEqual(
    outcome.changes.map((change) => change.kind === 'put' && [change.lease.mac, change.lease.hostName]),
    [[REHEARSAL.mac, 'rehearsal']],
  );
  for (const event of outcome.events) assert.equal('mac' in event && event.mac, REHEARSAL.mac);
});

test('its lease lasts a minute, and machines get all other addresses', () => {
  const rig = new Rig();
  const guest = guestOf(rig);
  const { changes } = guest.request(guest.yiaddr(guest.discover()));
  assert.equal(changes[0]?.kind === 'put' && changes[0].lease.expires, rig.now + 60);
  const others = [1, 2, 3].map((n) => rig.lease(`52:54:00:00:02:0${n}`));
  assert.equal(new Set(others).size, 3);
  rig.now += 60 + AFTER_LEASE;
  assert.match(rig.lease('52:54:00:00:02:04'), /^10\.0\.0\.1\d$/);
});

test("a machine's lease is out of its reach, even with that machine's own MAC", () => {
  const rig = new Rig();
  const guest = guestOf(rig);
  const mac = '52:54:00:00:00:01';
  const address = rig.lease(mac);
  const own = { [OPTION.serverIdentifier]: SERVER };
  assert.deepEqual(guest.say(MESSAGE.release, { mac, ciaddr: address, options: own }).changes, []);
  const decline = { ...own, [OPTION.requestedAddress]: address };
  assert.deepEqual(guest.say(MESSAGE.decline, { mac, options: decline }).changes, []);
  assert.deepEqual(guest.request(address, mac).changes, []);
  assert.equal(rig.discover({ mac }).yiaddr, address);
});

test('it can neither choose an address, nor put its own or any other out of use', () => {
  const rig = new Rig();
  const guest = guestOf(rig);
  const wish = { ...BIOS_ROM, [OPTION.requestedAddress]: '10.0.0.12' };
  const address = guest.yiaddr(guest.say(MESSAGE.discover, { options: wish }));
  assert.notEqual(address, '10.0.0.12');
  guest.request(address);
  const decline = { [OPTION.serverIdentifier]: SERVER, [OPTION.requestedAddress]: address };
  assert.deepEqual(guest.say(MESSAGE.decline, { options: decline }).changes, []);
  for (let last = 10; last < 14; last++) guest.say(MESSAGE.discover, { giaddr: `10.0.0.${last}` });
  const others = [1, 2, 3].map((n) => rig.lease(`52:54:00:00:02:0${n}`));
  assert.equal(new Set(others).size, 3);
  for (const other of others) assert.match(other, /^10\.0\.0\.1[0-3]$/);
});
