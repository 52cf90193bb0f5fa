import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layPool } from '../../src/config/pool.ts';
import { type Resolution, resolve, type Service } from '../../src/config/resolve.ts';
import { readSettings } from '../../src/config/settings.ts';
import { problemText } from '../../src/journal/config-events.ts';
import { render } from '../../src/journal/render.ts';
import type { AdapterFacts } from '../../src/platform/adapters.ts';
import { broadcastOf, formatIpv4, parseIpv4, subnetOf } from '../../src/protocol/ipv4.ts';

const ip = (text: string) => parseIpv4(text)!;
const PATHS = { images: '/i', state: '/s', loaders: '/l', run: '/r' };

function adapter(name: string, ...addresses: string[]): AdapterFacts {
  return {
    name,
    index: 2,
    mac: '52:54:00:00:00:01',
    mtu: 1500,
    carrier: true,
    up: true,
    addresses: addresses.map((text) => {
      const [address, prefix] = text.split('/') as [string, string];
      return { address: ip(address), prefix: Number(prefix) };
    }),
  };
}

function resolved(
  environment: Record<string, string>,
  adapters: AdapterFacts[],
  service: Service = 'dhcp',
): Resolution {
  const read = readSettings(environment);
  assert.ok('settings' in read);
  return resolve(read.settings, adapters, PATHS, service);
}

function ready(environment: Record<string, string>, adapters: AdapterFacts[]) {
  const resolution = resolved(environment, adapters);
  assert.ok(resolution.state === 'ready', JSON.stringify(resolution));
  return resolution;
}

function problemsOf(environment: Record<string, string>, adapters: AdapterFacts[]): string {
  const resolution = resolved(environment, adapters);
  assert.ok(resolution.state === 'wrong', resolution.state);
  return resolution.problems.map(problemText).join('\n');
}

test('what is not set follows the adapter: address, real mask, first free stretch', () => {
  const { profile } = ready({ ADAPTER: 'eth1' }, [
    adapter('eth0', '192.168.1.2/24'),
    adapter('eth1', '10.1.0.1/20'),
  ]);
  assert.equal(profile.adapter.subnet.prefix, 20);
  for (const address of [...Object.values(profile.addresses), profile.gateway, ...profile.dns])
    assert.equal(address, ip('10.1.0.1'));
  assert.equal(formatIpv4(profile.pool.first), '10.1.0.2');
  assert.equal(profile.pool.count, 20);
  assert.equal(profile.authoritative, false);
});

test('without ADAPTER the appliance’s own bridge is served, with authority', () => {
  const { profile } = ready({}, [adapter('eth0', '192.168.1.2/24'), adapter('remoteboot0', '10.99.0.1/24')]);
  assert.equal(profile.adapter.name, 'remoteboot0');
  assert.equal(profile.authoritative, true);
});

test('a missing adapter is waited for, and the host’s adapters are named with their addresses', () => {
  const resolution = resolved({ ADAPTER: 'eth7' }, [adapter('eth0', '192.168.1.2/24'), adapter('eth1')]);
  assert.ok(resolution.state === 'waiting');
  const { text } = render(resolution.event);
  assert.match(text, /eth7 \(ADAPTER\).*eth0 192\.168\.1\.2\/24, eth1 \(no address\)/);
});

test('an adapter without an address is waited for, with the command that gives it one', () => {
  const resolution = resolved({ ADAPTER: 'eth1' }, [adapter('eth1')]);
  assert.ok(resolution.state === 'waiting');
  assert.match(render(resolution.event).text, /ip addr add .* dev eth1/);
});

test('a pool that the user chose leaves out server, gateway and DNS servers, and says so', () => {
  const environment = {
    ADAPTER: 'e',
    START_ADDRESS: '10.0.0.1',
    LEASE_COUNT: '10',
    GATEWAY: '10.0.0.4',
    DNS: '10.0.0.5,9.9.9.9',
  };
  const { profile, notes } = ready(environment, [adapter('e', '10.0.0.1/24', '10.0.0.9/24')]);
  assert.deepEqual([...new Set(profile.pool.reserved.map(({ address }) => formatIpv4(address)))].toSorted(), [
    '10.0.0.1',
    '10.0.0.4',
    '10.0.0.5',
    '10.0.0.9',
  ]);
  assert.match(notes.map((note) => render(note).text).join(), /10\.0\.0\.4 \(the gateway \(GATEWAY\)\)/);
});

test('the pool found by itself goes around what is taken', () => {
  const { profile } = ready({ ADAPTER: 'e', GATEWAY: '10.0.0.10' }, [adapter('e', '10.0.0.1/24')]);
  assert.equal(formatIpv4(profile.pool.first), '10.0.0.11');
});

test('a small subnet makes a small pool unless LEASE_COUNT says otherwise', () => {
  const { profile } = ready({ ADAPTER: 'e' }, [adapter('e', '10.0.0.1/29')]);
  assert.equal(profile.pool.count, 5);
  assert.match(
    problemsOf({ ADAPTER: 'e', LEASE_COUNT: '20' }, [adapter('e', '10.0.0.1/29')]),
    /LEASE_COUNT="20".*LEASE_COUNT=5/,
  );
});

for (const [what, environment, pattern] of [
  [
    'a pool outside the subnet',
    { START_ADDRESS: '10.1.0.5' },
    /START_ADDRESS="10\.1\.0\.5" is outside 10\.0\.0\.0\/24.*START_ADDRESS=10\.0\.0\.2/,
  ],
  [
    'a pool past the end of the subnet',
    { START_ADDRESS: '10.0.0.250', LEASE_COUNT: '20' },
    /LEASE_COUNT="20" reaches past.*LEASE_COUNT=5/,
  ],
  [
    'a pool of nothing but the server',
    { START_ADDRESS: '10.0.0.1', LEASE_COUNT: '1' },
    /START_ADDRESS="10\.0\.0\.1" leaves no address/,
  ],
  [
    'an ADDRESS_DHCP of another host',
    { ADDRESS_DHCP: '10.0.0.7' },
    /ADDRESS_DHCP="10\.0\.0\.7" is not an address of e \(10\.0\.0\.1\)/,
  ],
] as const) {
  test(`${what} is refused with the right line`, () => {
    assert.match(problemsOf({ ADAPTER: 'e', ...environment }, [adapter('e', '10.0.0.1/24')]), pattern);
  });
}

test('an adapter with a /32 has no room for machines', () => {
  assert.match(problemsOf({ ADAPTER: 'e' }, [adapter('e', '10.0.0.1/32')]), /no room/);
});

test('tftp and http do not care for the pool: each fault is told once, by dhcp', () => {
  const environment = { ADAPTER: 'e', START_ADDRESS: '10.1.0.5' };
  for (const service of ['tftp', 'http'] as const) {
    assert.equal(resolved(environment, [adapter('e', '10.0.0.1/24')], service).state, 'ready');
  }
});

test('another host may be given the TFTP and HTTP jobs, and a gateway off the subnet is warned of', () => {
  const { profile, notes } = ready(
    { ADAPTER: 'e', ADDRESS_TFTP: '10.0.0.9', ADDRESS_HTTP: '10.9.9.9', GATEWAY: '10.2.0.1', DNS: 'none' },
    [adapter('e', '10.0.0.1/24')],
  );
  assert.equal(formatIpv4(profile.addresses.tftp), '10.0.0.9');
  assert.equal(formatIpv4(profile.addresses.http), '10.9.9.9');
  assert.deepEqual(profile.dns, []);
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['config.gateway-outside'],
  );
});

test('whatever the subnet and the wishes, a pool lies inside it and holds no network, broadcast or foreign address', () => {
  const inputs = fc.record({
    prefix: fc.integer({ min: 16, max: 30 }),
    start: fc.option(fc.nat(70_000), { nil: undefined }),
    count: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
    taken: fc.array(fc.nat(300), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(inputs, ({ prefix, start, count, taken }) => {
      const subnet = subnetOf(ip('10.20.0.0'), prefix);
      const reserved = taken.map((offset) => ({ address: subnet.network + offset, holder: 'x' }));
      const result = layPool({
        subnet,
        start: start === undefined ? undefined : subnet.network + start,
        count,
        reserved,
      });
      if ('problem' in result) return assert.ok(result.problem.fix.includes('='));
      const { pool } = result;
      const out = new Set(pool.reserved.map(({ address }) => address));
      for (let address = pool.first; address < pool.first + pool.count; address++) {
        if (out.has(address)) continue;
        assert.ok(address > subnet.network && address < broadcastOf(subnet));
        assert.ok(!reserved.some((r) => r.address === address));
      }
      assert.ok(out.size < pool.count);
      return assert.ok(count === undefined || pool.count === count);
    }),
    { numRuns: 2000 },
  );
});

test('a proxy needs no pool: an adapter without room for one can be served, and nothing is said of the pool', () => {
  const lonely = [adapter('eth1', '10.1.0.1/32')];
  assert.match(problemsOf({ ADAPTER: 'eth1' }, lonely), /no room for other machines/);
  assert.match(problemsOf({ ADAPTER: 'eth1', MODE: 'auto' }, lonely), /no room for other machines/);
  const { profile } = ready({ ADAPTER: 'eth1', MODE: 'proxy' }, lonely);
  assert.equal(profile.mode, 'proxy');
  const environment = { ADAPTER: 'eth1', START_ADDRESS: '10.2.0.1', LEASE_COUNT: '3' };
  const roomy = [adapter('eth1', '10.2.0.1/24')];
  assert.equal(ready({ ...environment, MODE: 'server' }, roomy).notes.length, 1);
  assert.deepEqual(ready({ ...environment, MODE: 'proxy' }, roomy).notes, []);
});
