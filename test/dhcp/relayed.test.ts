import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { render } from '../../src/journal/render.ts';
import { FLAG_BROADCAST, MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf, long } from '../../src/protocol/dhcp/options.ts';
import { RELAY_AGENT } from '../../src/protocol/dhcp/relay.ts';
import { formatIpv4 } from '../../src/protocol/ipv4.ts';
import { captured } from '../fixtures/dhcp.ts';
import { RACKS, relayOption, rigWith } from './relayed.ts';
import { type Answered, ip, message, type Rig, type Say, SERVER } from './rig.ts';

const A = '52:54:00:00:00:0a';
const B = '52:54:00:00:00:0b';
const RELAY_1 = '10.1.0.1';
const RELAY_2 = '10.2.0.1';
const { linkSelection, serverOverride } = RELAY_AGENT;

function option({ packet }: Answered, code: number): string | undefined {
  const address = packet && addressOf(packet.options, code);
  return address === undefined ? undefined : formatIpv4(address);
}

/** DISCOVER and SELECTING as a relay forwards them; the address, or what came instead of the ACK. */
function lease(rig: Rig, mac: string, say: Say): string {
  const offer = rig.discover({ mac, ...say });
  if (offer.what !== 'OFFER') return offer.what;
  const server = option(offer, OPTION.serverIdentifier)!;
  const options = { ...say.options, [OPTION.serverIdentifier]: server };
  const ack = rig.select(offer.yiaddr, { mac, ...say, options });
  return ack.what === 'ACK' ? ack.yiaddr : ack.what;
}

test('a relayed machine gets address, mask, broadcast address, router and DNS of its own subnet, by way of its relay', () => {
  const rig = rigWith();
  for (const [giaddr, yiaddr, mask, broadcast, router] of [
    [RELAY_1, '10.1.0.10', '255.255.255.0', '10.1.0.255', RELAY_1],
    [RELAY_2, '10.2.0.20', '255.255.255.128', '10.2.0.127', '10.2.0.126'],
    ['10.0.0.77', '10.0.0.10', '255.255.255.0', '10.0.0.255', '10.0.0.254'],
  ] as const) {
    const offer = rig.discover({ mac: A, giaddr, flags: FLAG_BROADCAST });
    const ack = rig.select(offer.yiaddr, { mac: A, giaddr });
    for (const reply of [offer, ack]) {
      assert.equal(reply.yiaddr, yiaddr);
      assert.equal(reply.to, `${giaddr}:67`);
      assert.equal(option(reply, OPTION.subnetMask), mask);
      assert.equal(option(reply, OPTION.broadcastAddress), broadcast);
      assert.equal(option(reply, OPTION.router), router);
      assert.equal(option(reply, OPTION.serverIdentifier), SERVER);
    }
  }
});

test('a machine that moves between subnets has the right address in each, and the same one when it comes back', () => {
  const rig = rigWith();
  const local = rig.lease(A);
  const there = lease(rig, A, { giaddr: RELAY_1 });
  const elsewhere = lease(rig, A, { giaddr: RELAY_2 });
  assert.deepEqual([local, there, elsewhere], ['10.0.0.10', '10.1.0.10', '10.2.0.20']);
  rig.restart();
  assert.equal(lease(rig, A, { giaddr: RELAY_1 }), there);
  assert.equal(rig.lease(A), local);
});

test('link selection decides, also where the relay’s own address is in the local subnet', () => {
  const options = relayOption({ [linkSelection]: RELAY_1 });
  const offer = rigWith().discover({ mac: A, giaddr: '10.0.0.2', options });
  assert.equal(offer.yiaddr, '10.1.0.10');
  assert.equal(option(offer, OPTION.router), RELAY_1);
  assert.equal(offer.to, '10.0.0.2:67');
  assert.match(Buffer.from(offer.outcome.answer!.bytes).toString('hex'), /520605040a010001ff0*$/);
});

test('link selection by an address that no router can have names none', () => {
  for (const address of ['10.1.0.0', '10.1.0.255']) {
    const options = relayOption({ [linkSelection]: address });
    const offer = rigWith().discover({ mac: A, giaddr: '10.0.0.2', options });
    assert.equal(offer.yiaddr, '10.1.0.10');
    assert.equal(option(offer, OPTION.router), undefined);
  }
});

test('link selection of a subnet that is not served is met with silence, never with the local pool', () => {
  const options = relayOption({ [linkSelection]: '10.7.0.1' });
  const { what, kinds, outcome } = rigWith().discover({ mac: A, giaddr: '10.0.0.2', options });
  assert.equal(what, 'silence');
  assert.deepEqual(kinds, ['dhcp.unknown-relay']);
  const { text } = render(outcome.events[0]!);
  assert.match(text, /relay at 10\.0\.0\.2, for a machine on the link of 10\.7\.0\.1/);
  assert.match(
    text,
    /served: 10\.0\.0\.0\/24, 10\.1\.0\.0\/24, 10\.2\.0\.0\/25.*SUBNETS='…; 10\.7\.0\.0\/24'/,
  );
});

test('the older subnet selection option is gone by and given back, and link selection comes before it', () => {
  const older = { [OPTION.subnetSelection]: '10.2.0.0' };
  const offer = rigWith().discover({ mac: A, giaddr: RELAY_1, options: older });
  assert.equal(offer.yiaddr, '10.2.0.20');
  assert.equal(option(offer, OPTION.subnetSelection), '10.2.0.0');
  const both = { ...older, ...relayOption({ [linkSelection]: RELAY_1 }) };
  assert.equal(rigWith().discover({ mac: A, giaddr: RELAY_2, options: both }).yiaddr, '10.1.0.10');
});

test('a machine on the adapter’s own link cannot talk itself into another subnet, nor name another server', () => {
  const options = {
    [OPTION.subnetSelection]: '10.2.0.0',
    ...relayOption({ [linkSelection]: RELAY_1, [serverOverride]: RELAY_1 }),
  };
  const offer = rigWith().discover({ mac: A, options, ciaddr: '10.1.0.10' });
  assert.equal(offer.yiaddr, '10.0.0.10');
  assert.equal(option(offer, OPTION.subnetSelection), undefined);
  assert.equal(option(offer, OPTION.serverIdentifier), SERVER);
});

test('a relay that stands in for the server is named as the server, and its machines are answered as ours', () => {
  const rig = rigWith();
  const say = { giaddr: RELAY_1, options: relayOption({ [serverOverride]: RELAY_1 }) };
  const offer = rig.discover({ mac: A, ...say });
  assert.equal(option(offer, OPTION.serverIdentifier), RELAY_1);
  assert.equal(lease(rig, A, say), '10.1.0.10');
  const renewed = rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.1.0.10', ...say }));
  assert.deepEqual([renewed.what, renewed.to], ['ACK', `${RELAY_1}:67`]);
});

test('RENEWING past the relay is answered to the machine itself, with the router that it had', () => {
  const rig = rigWith();
  assert.equal(lease(rig, A, { giaddr: RELAY_1 }), '10.1.0.10');
  rig.now += 3600;
  const ack = rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.1.0.10' }));
  assert.deepEqual([ack.what, ack.yiaddr, ack.to], ['ACK', '10.1.0.10', '10.1.0.10:68']);
  assert.equal(option(ack, OPTION.router), RELAY_1);
  const [change] = ack.outcome.changes;
  assert.ok(change?.kind === 'put' && change.lease.expires === rig.now + 7200);
});

test('after a restart RENEWING waits for the relay to be heard of, lest the machine lose its router', () => {
  const rig = rigWith();
  lease(rig, A, { giaddr: RELAY_1 });
  lease(rig, B, { giaddr: RELAY_2 });
  rig.restart();
  const renew = (mac: string, ciaddr: string) => rig.bytes(message(MESSAGE.request, { mac, ciaddr }));
  assert.equal(renew(A, '10.1.0.10').what, 'silence');
  assert.equal(renew(B, '10.2.0.20').what, 'ACK', 'whose router is set');
  assert.equal(
    rig.bytes(message(MESSAGE.request, { mac: A, ciaddr: '10.1.0.10', giaddr: RELAY_1 })).what,
    'ACK',
    'REBINDING',
  );
  assert.equal(option(renew(A, '10.1.0.10'), OPTION.router), RELAY_1);
});

test('RELEASE past the relay frees the address, also right after a restart', () => {
  const rig = rigWith();
  lease(rig, A, { giaddr: RELAY_1 });
  rig.restart();
  const released = rig.bytes(message(MESSAGE.release, { mac: A, ciaddr: '10.1.0.10' }));
  assert.deepEqual(released.kinds, ['dhcp.release']);
});

test('INIT-REBOOT in another subnet than before is refused by way of the relay', () => {
  const rig = rigWith();
  lease(rig, A, { giaddr: RELAY_1 });
  const options = { [OPTION.requestedAddress]: '10.1.0.10' };
  const nak = rig.bytes(message(MESSAGE.request, { mac: A, giaddr: RELAY_2, options }));
  assert.deepEqual([nak.what, nak.to], ['NAK', `${RELAY_2}:67`]);
  assert.ok(nak.packet!.flags & FLAG_BROADCAST);
});

test('a subnet without addresses left says so with its line for .env, and no other subnet feels it', () => {
  const rig = rigWith();
  for (const mac of [A, B]) assert.match(lease(rig, mac, { giaddr: RELAY_2 }), /^10\.2\.0\.2[01]$/);
  const third = '52:54:00:00:00:0c';
  const none = rig.discover({ mac: third, giaddr: RELAY_2 });
  assert.equal(none.what, 'silence');
  const told = none.outcome.events.find(({ kind }) => kind === 'dhcp.pool-used-up');
  assert.match(render(told!).text, /all 2 of the pool.*SUBNETS='10\.2\.0\.0\/25'/);
  assert.equal(lease(rig, third, { giaddr: RELAY_1 }), '10.1.0.10');
  assert.equal(rig.lease(third), '10.0.0.10');
});

test('the relay’s own address is given to no machine, though it lies in the pool', () => {
  const rig = rigWith([{ cidr: '10.1.0.0/24', first: '10.1.0.1', count: 3 }]);
  const given = [A, B, '52:54:00:00:00:0c'].map((mac) => lease(rig, mac, { giaddr: '10.1.0.2' }));
  assert.deepEqual(given, ['10.1.0.1', '10.1.0.3', 'silence']);
});

test('a stored lease outside every pool is forgotten at the start, the others go to their subnets', () => {
  const rig = rigWith();
  lease(rig, A, { giaddr: RELAY_1 });
  lease(rig, B, { giaddr: RELAY_2 });
  const smaller = rigWith([RACKS[1]!]);
  smaller.stored.push(...rig.stored);
  assert.deepEqual(smaller.restart(), [{ kind: 'remove', address: 0x0a01000a }]);
  assert.equal(lease(smaller, B, { giaddr: RELAY_2 }), '10.2.0.20');
});

for (const capture of ['relay-ovmf-server-side', 'relay-bios-server-side']) {
  test(`the real boot of ${capture}: every message is answered to the relay, with one address of its subnet and its router`, () => {
    const rack = { cidr: '10.88.16.0/24', first: '10.88.16.100', count: 10 };
    const rig = rigWith([rack]);
    const requests = captured(capture).filter(({ what }) => what === 'DISCOVER' || what === 'REQUEST');
    assert.ok(requests.length >= 4);
    for (const { bytes, what } of requests) {
      // The capture's server is another, and so are the addresses it gave.
      const reply = rig.bytes(what === 'REQUEST' ? readdressed(bytes, '10.88.16.100') : bytes);
      assert.equal(reply.what, what === 'DISCOVER' ? 'OFFER' : 'ACK');
      assert.deepEqual([reply.yiaddr, reply.to], ['10.88.16.100', '10.88.16.1:67']);
      assert.equal(option(reply, OPTION.subnetMask), '255.255.255.0');
      assert.equal(option(reply, OPTION.router), '10.88.16.1');
    }
  });
}

/** A SELECTING REQUEST as it would have been sent to the rig's server. */
function readdressed(bytes: Buffer, address: string): Buffer {
  const copy = Buffer.from(bytes);
  for (const [code, value] of [
    [OPTION.requestedAddress, address],
    [OPTION.serverIdentifier, SERVER],
  ] as const) {
    const at = copy.indexOf(Uint8Array.of(code, 4), 240);
    assert.ok(at > 0);
    copy.set(long(ip(value)), at + 2);
  }
  return copy;
}

test('whatever is asked from wherever, an address is of the chosen subnet’s pool, and no two machines hold one at a time', () => {
  const places = [
    { say: {}, pool: ['10.0.0.10', 4] },
    { say: { giaddr: '10.0.0.9' }, pool: ['10.0.0.10', 4] },
    { say: { giaddr: RELAY_1 }, pool: ['10.1.0.10', 3] },
    { say: { giaddr: RELAY_2 }, pool: ['10.2.0.20', 2] },
    {
      say: { giaddr: '10.0.0.2', options: relayOption({ [linkSelection]: RELAY_1 }) },
      pool: ['10.1.0.10', 3],
    },
    { say: { giaddr: '10.5.0.1' }, pool: ['10.5.0.0', 0] },
  ] as const;
  const step = fc.record({
    machine: fc.nat(5),
    place: fc.nat(places.length - 1),
    act: fc.constantFrom('lease', 'release', 'renew', 'decline', 'restart'),
    wait: fc.constantFrom(0, 30, 4000, 8000),
  });
  const macs = Array.from({ length: 6 }, (_, n) => `52:54:00:00:00:0${n}`);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rig = rigWith();
      const held = new Map<string, { mac: string; until: number }>();
      const granted = (mac: string, address: string, place: (typeof places)[number]) => {
        const offset = ip(address) - ip(place.pool[0]);
        assert.ok(offset >= 0 && offset < place.pool[1], `${address} at ${JSON.stringify(place.say)}`);
        const before = held.get(address);
        assert.ok(!before || before.mac === mac || before.until <= rig.now, `${address} is ${before?.mac}'s`);
        held.set(address, { mac, until: rig.now + 7200 });
      };
      for (const { machine, place: index, act, wait } of steps) {
        rig.now += wait;
        const mac = macs[machine]!;
        const place = places[index]!;
        const own = [...held].find(([, { mac: holder }]) => holder === mac)?.[0];
        if (act === 'restart') rig.restart();
        else if (act === 'lease') {
          const address = lease(rig, mac, place.say);
          if (address.includes('.')) granted(mac, address, place);
        } else if (own && act === 'renew') {
          const ack = rig.bytes(message(MESSAGE.request, { mac, ciaddr: own }));
          const home = places.find(({ pool }) => own.slice(0, 5) === pool[0].slice(0, 5))!;
          if (ack.what === 'ACK') granted(mac, ack.yiaddr, home);
        } else if (own && act === 'release') {
          rig.bytes(message(MESSAGE.release, { mac, ciaddr: own }));
          held.delete(own);
        } else if (own) {
          const options = { [OPTION.requestedAddress]: own };
          rig.bytes(message(MESSAGE.decline, { mac, ...place.say, options }));
        }
      }
    }),
    { numRuns: 400 },
  );
});
