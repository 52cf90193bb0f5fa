import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RelayedSubnet } from '../../src/config/profile.ts';
import { handle } from '../../src/dhcp/engine.ts';
import { scopesOf } from '../../src/dhcp/scopes.ts';
import { render } from '../../src/journal/render.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { profileOf } from '../profile.ts';
import { ip, message } from './rig.ts';

const behind = (changes: Partial<RelayedSubnet> = {}): RelayedSubnet => ({
  subnet: { network: ip('10.1.0.0'), prefix: 24 },
  pool: { first: ip('10.1.0.10'), count: 1, reserved: [] },
  gateway: 'relay',
  dns: [ip('9.9.9.9')],
  relays: [],
  ...changes,
});

/** Two machines behind the relay at 10.1.0.1 ask; what the first is offered, and what is said of the second. */
function asked(subnet: RelayedSubnet) {
  const scopes = scopesOf(
    profileOf({ subnets: [subnet], authoritative: true }),
    () => true,
    () => 0.5,
  );
  const discover = (mac: string) =>
    handle(message(MESSAGE.discover, { mac, giaddr: '10.1.0.1' }), ip('10.1.0.1'), scopes, 1000);
  const packet = decodePacket(discover('52:54:00:00:00:0a').answer!.bytes);
  const { events } = discover('52:54:00:00:00:0b');
  return {
    packet,
    router: addressOf(packet.options, OPTION.router),
    said: events.map((e) => render(e).text).join(),
  };
}

test('a subnet of the profile is served from its own pool, with its own DNS servers', () => {
  const { packet } = asked(behind());
  assert.equal(packet.yiaddr, ip('10.1.0.10'));
  assert.equal(addressOf(packet.options, OPTION.dns), ip('9.9.9.9'));
});

test('its router is the relay, or the one that is set, or none', () => {
  assert.equal(asked(behind()).router, ip('10.1.0.1'));
  assert.equal(asked(behind({ gateway: ip('10.1.0.254') })).router, ip('10.1.0.254'));
  assert.equal(asked(behind({ gateway: undefined })).router, undefined);
});

test('a used-up subnet is told with a longer range, which lies inside the subnet', () => {
  const pool = (first: string, count: number) => ({ pool: { first: ip(first), count, reserved: [] } });
  assert.match(asked(behind()).said, /SUBNETS='… 10\.1\.0\.0\/24 range=10\.1\.0\.10-10\.1\.0\.11 …'/);
  assert.match(asked(behind(pool('10.1.0.254', 1))).said, /range=10\.1\.0\.253-10\.1\.0\.254 /);
});

test('authority over the adapter’s own network is none over those behind relays', () => {
  const scopes = scopesOf(
    profileOf({ subnets: [behind()], authoritative: true }),
    () => true,
    () => 0.5,
  );
  const options = { [OPTION.requestedAddress]: '10.1.0.77' };
  const reboot = message(MESSAGE.request, { giaddr: '10.1.0.1', options });
  assert.equal(handle(reboot, ip('10.1.0.1'), scopes, 1000).answer, undefined);
});
