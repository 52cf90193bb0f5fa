import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolve } from '../../src/config/resolve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { overlap, parseSubnets, type SubnetWish, subnetText } from '../../src/config/subnets.ts';
import { problemText } from '../../src/journal/config-events.ts';
import { render } from '../../src/journal/render.ts';
import type { AdapterFacts } from '../../src/platform/adapters.ts';
import { broadcastOf, contains, formatIpv4, parseIpv4, subnetOf } from '../../src/protocol/ipv4.ts';

const ip = (text: string) => parseIpv4(text)!;
const ADAPTER: AdapterFacts = {
  name: 'eth1',
  index: 2,
  mac: '52:54:00:00:00:01',
  mtu: 1500,
  carrier: true,
  up: true,
  addresses: [
    { address: ip('10.0.0.1'), prefix: 24 },
    { address: ip('10.9.0.1'), prefix: 16 },
  ],
};

function resolved(environment: Record<string, string>, service: 'dhcp' | 'tftp' = 'dhcp') {
  const read = readSettings({ ADAPTER: 'eth1', ...environment });
  assert.ok('settings' in read, JSON.stringify(read));
  const paths = { images: '/i', state: '/s', loaders: '/l', run: '/r' };
  return resolve(read.settings, [ADAPTER], paths, service);
}

function ready(SUBNETS: string, more: Record<string, string> = {}) {
  const resolution = resolved({ SUBNETS, ...more });
  assert.ok(resolution.state === 'ready', JSON.stringify(resolution));
  return resolution;
}

/** "10.1.0.2+20", its gateway and its DNS servers, a line a subnet. */
function told(SUBNETS: string, more: Record<string, string> = {}): string[] {
  return ready(SUBNETS, more).profile.subnets.map(({ pool, gateway, dns }) => {
    const router = typeof gateway === 'number' ? formatIpv4(gateway) : gateway;
    return `${formatIpv4(pool.first)}+${pool.count} ${router} ${dns.map(formatIpv4).join(',')}`;
  });
}

/** What is said of a wrong text, whether it is found in the text alone or on this host. */
function complaint(SUBNETS: string): string {
  const read = readSettings({ ADAPTER: 'eth1', SUBNETS });
  if ('problems' in read) return read.problems.map(problemText).join('\n');
  const resolution = resolved({ SUBNETS });
  return resolution.state === 'wrong' ? resolution.problems.map(problemText).join('\n') : resolution.state;
}

test('a bare subnet gets a pool like the local one, the relay as router, and the usual DNS servers', () => {
  assert.deepEqual(told('10.1.0.0/24', { DNS: '9.9.9.9' }), ['10.1.0.2+20 relay 9.9.9.9']);
  assert.deepEqual(told('10.1.0.0/24; 10.2.0.0/29', { LEASE_COUNT: '100' }), [
    '10.1.0.2+100 relay 10.0.0.1',
    '10.2.0.2+5 relay 10.0.0.1',
  ]);
});

test('range, gateway and DNS servers are taken as they are given, in any order', () => {
  const text =
    '10.1.0.0/24 dns=10.1.0.1,9.9.9.9 range=10.1.0.100-10.1.0.200 gateway=10.1.0.1; 10.2.0.0/16 dns=none gateway=none;';
  assert.deepEqual(told(text), ['10.1.0.100+101 10.1.0.1 10.1.0.1,9.9.9.9', '10.2.0.1+20 undefined ']);
});

test('gateway and DNS servers inside a range are left out of it, and it is said', () => {
  const { profile, notes } = ready('10.1.0.0/24 range=10.1.0.1-10.1.0.9 gateway=10.1.0.1 dns=10.1.0.5');
  const reserved = profile.subnets[0]!.pool.reserved.map(({ address }) => formatIpv4(address));
  assert.deepEqual(reserved, ['10.1.0.1', '10.1.0.5']);
  assert.match(notes.map((note) => render(note).text).join(), /10\.1\.0\.1 \(the gateway \(SUBNETS\)\)/);
});

test('the service says at its start which pools it serves behind relays', () => {
  const { profile } = ready('10.1.0.0/24');
  const { text } = render({ kind: 'config.serving', service: 'dhcp', profile });
  assert.match(
    text,
    /pool 10\.0\.0\.2–10\.0\.0\.21, behind relays 10\.1\.0\.2–10\.1\.0\.21 of 10\.1\.0\.0\/24/,
  );
});

for (const [what, text, pattern] of [
  [
    'no subnet',
    'lab',
    /has "lab" where a subnet such as 10\.1\.0\.0\/24 should stand.*In .env: SUBNETS='10\.1/,
  ],
  ['an address for a subnet', '10.1.0.7/24', /10\.1\.0\.7\/24, an address inside 10\.1\.0\.0\/24/],
  ['a subnet of one address', '10.1.0.7/32', /10\.1\.0\.7\/32: .* prefix from 8 to 30/],
  [
    'a word that is none',
    '10.1.0.0/24 router=10.1.0.1',
    /"router=10\.1\.0\.1" after 10\.1\.0\.0\/24: range=, gateway=, dns= and relay=/,
  ],
  ['a word twice', '10.1.0.0/24 gateway=none gateway=none', /gateway= twice for 10\.1\.0\.0\/24/],
  ['a range that is none', '10.1.0.0/24 range=10.1.0.5', /"range=10\.1\.0\.5", which is not two addresses/],
  ['a range backwards', '10.1.0.0/24 range=10.1.0.9-10.1.0.5', /ends before it begins/],
  [
    'a range outside',
    '10.1.0.0/24 range=10.1.0.9-10.1.1.5',
    /outside 10\.1\.0\.0\/24 \(machines can have 10\.1\.0\.1-10\.1\.0\.254\)/,
  ],
  ['a range with the broadcast address', '10.1.0.0/24 range=10.1.0.9-10.1.0.255', /outside 10\.1\.0\.0\/24/],
  ['a range of millions', '10.0.0.0/8 range=10.1.0.0-10.99.0.0', /longer than 1048576/],
  [
    'a gateway elsewhere',
    '10.1.0.0/24 gateway=10.2.0.1',
    /"gateway=10\.2\.0\.1", which machines of 10\.1\.0\.0\/24 cannot reach/,
  ],
  ['a gateway that is none', '10.1.0.0/24 gateway=me', /"gateway=me", which is neither/],
  ['a DNS server that is none', '10.1.0.0/24 dns=9.9.9.9,quad9', /"dns=9\.9\.9\.9,quad9", in which "quad9"/],
  [
    'a relay that is none',
    '10.1.0.0/24 relay=192.0.2.7,router',
    /"relay=192\.0\.2\.7,router", which is not a list/,
  ],
  ['a relay that nobody can be', '10.1.0.0/24 relay=224.0.0.1', /"relay=224\.0\.0\.1", which is not a list/],
  ['nine relays', `10.1.0.0/24 relay=${'192.0.2.7,'.repeat(9)}`, /9 relays/],
  ['nine DNS servers', `10.1.0.0/24 dns=${'9.9.9.9,'.repeat(9)}`, /9 DNS servers/],
  ['subnets that overlap', '10.1.0.0/16; 10.1.4.0/24', /10\.1\.0\.0\/16 and 10\.1\.4\.0\/24, which overlap/],
  [
    'the adapter’s own subnet',
    '10.2.0.0/24; 10.0.0.0/24',
    /overlaps 10\.0\.0\.0\/24, the subnet of eth1 itself.*In .env: SUBNETS='10\.2\.0\.0\/24'$/,
  ],
  ['a subnet of the adapter’s second address', '10.9.4.0/24', /overlaps 10\.9\.0\.0\/16, the subnet of eth1/],
  [
    'a range that is all taken',
    '10.1.0.0/24 range=10.1.0.1-10.1.0.1 gateway=10.1.0.1',
    /no address for machines in 10\.1\.0\.0\/24.*range=10\.1\.0\.1-10\.1\.0\.254 gateway=10\.1\.0\.1'$/,
  ],
] as const) {
  test(`${what} in SUBNETS is refused with what was seen and a line that would be right`, () => {
    const said = complaint(text);
    assert.match(said, pattern);
    const fix = /In \.env: SUBNETS='(.*)'$/.exec(said)?.[1];
    assert.equal(complaint(fix!), 'ready');
  });
}

test('all mistakes are told at once', () => {
  const said = complaint('10.1.0.0/24 range=x dns=y; lab; 10.0.0.0/33');
  for (const seen of ['range=x', 'dns=y', '"lab"', '10.0.0.0/33']) assert.ok(said.includes(seen), said);
});

test('what is wrong on this host is told by the dhcp service alone', () => {
  assert.equal(resolved({ SUBNETS: '10.0.0.0/24' }, 'tftp').state, 'ready');
});

const wishes: fc.Arbitrary<SubnetWish> = fc
  .record({
    address: fc.nat(0xffffffff),
    prefix: fc.integer({ min: 8, max: 30 }),
    range: fc.option(fc.tuple(fc.nat(900), fc.nat(900))),
    gateway: fc.option(fc.oneof(fc.constant('none' as const), fc.nat(900))),
    dns: fc.option(fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 8 })),
    relays: fc.array(fc.integer({ min: 0x0a000000, max: 0x0affffff }), { maxLength: 8 }),
  })
  .map(({ address, prefix, range, gateway, dns, relays }) => {
    const subnet = subnetOf(address >>> 0, prefix);
    const hosts = broadcastOf(subnet) - subnet.network - 1;
    const host = (n: number) => subnet.network + 1 + (n % hosts);
    const ends = range?.map(host).sort((a, b) => a - b);
    return {
      subnet,
      range: ends && { first: ends[0]!, last: ends[1]! },
      gateway: gateway === null ? undefined : gateway === 'none' ? gateway : host(gateway),
      dns: dns?.map((server) => server >>> 0),
      relays,
    };
  });

test('what is read is what was written', () => {
  fc.assert(
    fc.property(wishes, (wish) => {
      assert.deepEqual(parseSubnets(` ${subnetText(wish)} ;`), { subnets: [wish], mistakes: [] });
    }),
  );
});

test('two subnets are said to overlap exactly where one holds an address of the other', () => {
  const subnet = fc
    .tuple(fc.nat(7), fc.integer({ min: 28, max: 32 }))
    .map(([offset, prefix]) => subnetOf(ip('10.0.0.0') + offset * 4, prefix));
  const members = (s: ReturnType<typeof subnetOf>) =>
    Array.from({ length: 40 }, (_, n) => ip('10.0.0.0') + n).filter((address) => contains(s, address));
  fc.assert(
    fc.property(subnet, subnet, (a, b) => {
      assert.equal(
        overlap(a, b),
        members(a).some((address) => contains(b, address)),
      );
    }),
  );
});

test('no text makes the parser throw', () => {
  const pieces = fc.constantFrom(
    '10.1.0.0/24',
    ';',
    ' ',
    'range=',
    'gateway=',
    'dns=',
    '10.1.0.9',
    '-',
    ',',
    '/',
    '=',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
      const { subnets, mistakes } = parseSubnets(parts.join(''));
      assert.ok(subnets.length > 0 || mistakes.length > 0 || /^[\s;]*$/.test(parts.join('')));
    }),
  );
});
