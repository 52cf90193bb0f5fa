import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeaseView } from '../../../src/http/api/shapes.ts';
import { COUNTERS, HISTOGRAMS } from '../../../src/http/metrics/measurement.ts';
import { Metrics } from '../../../src/http/metrics/metrics.ts';
import type { StatesOf } from '../../../src/http/metrics/pool-gauges.ts';
import { metricsRoutes } from '../../../src/http/metrics/routes.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { profileOf } from '../../profile.ts';
import { FakeObserved } from '../api/fake-observed.ts';
import { Served } from '../api/served.ts';
import { readExposition } from './exposition.ts';

const ipv4 = (dotted: string) => parseIpv4(dotted)!;

const profile = profileOf({
  adapter: { ...profileOf().adapter, subnet: { network: ipv4('10.0.0.0'), prefix: 24 } },
  pool: {
    first: ipv4('10.0.0.10'),
    count: 5,
    reserved: [{ address: ipv4('10.0.0.11'), holder: 'this server' }],
  },
  subnets: [
    {
      subnet: { network: ipv4('10.1.0.0'), prefix: 16 },
      pool: { first: ipv4('10.1.0.5'), count: 20, reserved: [] },
      gateway: undefined,
      dns: [],
      relays: [],
    },
  ],
});

const lease = (address: string, state: LeaseView['state']) => [ipv4(address), state] as const;

async function metrics(t: { after(end: () => void): void }, leases: StatesOf) {
  const journals = new FakeObserved();
  const health = async () => {
    const services = [
      { service: 'dhcp', state: 'running', problems: [] },
      { service: 'tftp', state: 'silent', problems: ['gone'] },
    ] as const;
    return { services, journal: [] };
  };
  const made = new Metrics({ version: '1.2.3', profile, observed: journals.observed, leases, health });
  made.start();
  t.after(() => made.stop());
  const value = async (name: string, labels: Record<string, string> = {}) => {
    const families = readExposition(await made.text());
    const samples = [...families.values()]
      .flatMap((family) => family.samples)
      .filter((one) => one.name === name);
    const found = samples.filter((one) =>
      Object.entries(labels).every(([label, wanted]) => one.labels[label] === wanted),
    );
    return found.map((one) => one.value);
  };
  return { journals, made, value };
}

test('the text is strictly Prometheus, with every metric of the journal named in it from the start', async (t) => {
  const { made } = await metrics(t, async () => [{ bound: 1, expired: 0, released: 0, declined: 0 }]);
  const families = readExposition(await made.text());
  for (const { name } of [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS)])
    assert.ok(families.has(name), name);
  for (const name of families.keys()) assert.match(name, /^(remoteboot|process|nodejs)_/);
});

test('what the journal tells is counted, under names with their units', async (t) => {
  const { journals, value } = await metrics(t, async () => []);
  const machine = { firmware: 'pxe', architecture: 'BIOS x86' };
  journals.tell({
    measurements: [
      { counter: 'dhcpMessages', labels: { type: 'nak', direction: 'sent' }, by: 2 },
      { counter: 'transferBytes', labels: { service: 'http' }, by: 5000 },
      { counter: 'retransmissions', labels: {}, by: 3 },
      { histogram: 'stageDuration', labels: { stage: 'kernel', ...machine }, seconds: 0.2 },
    ],
  });
  journals.tell({ measurements: [{ counter: 'transferBytes', labels: { service: 'http' }, by: 1 }] });
  assert.deepEqual(await value('remoteboot_dhcp_messages_total', { type: 'nak', direction: 'sent' }), [2]);
  assert.deepEqual(await value('remoteboot_transfer_bytes_total', { service: 'http' }), [5001]);
  assert.deepEqual(await value('remoteboot_tftp_retransmissions_total'), [3]);
  const bucket = (le: string) => value('remoteboot_stage_duration_seconds_bucket', { stage: 'kernel', le });
  assert.deepEqual([await bucket('0.1'), await bucket('0.25'), await bucket('+Inf')], [[0], [1], [1]]);
});

test('each pool has its size and its addresses by state', async (t) => {
  const leases = [
    lease('10.0.0.10', 'bound'),
    lease('10.0.0.12', 'declined'),
    lease('10.1.0.5', 'expired'),
    lease('10.9.9.9', 'bound'),
  ];
  const { value } = await metrics(t, async (ranges) =>
    ranges.map(({ first, count }) => {
      const states = { bound: 0, expired: 0, released: 0, declined: 0 };
      for (const [address, state] of leases)
        if (address >= first && address < first + count) states[state] += 1;
      return states;
    }),
  );
  assert.deepEqual(await value('remoteboot_pool_size_addresses', { pool: '10.0.0.0/24' }), [4]);
  const states = async (pool: string) => {
    const names = ['bound', 'expired', 'released', 'declined', 'free'];
    return (
      await Promise.all(names.map((state) => value('remoteboot_pool_addresses', { pool, state })))
    ).flat();
  };
  assert.deepEqual(await states('10.0.0.0/24'), [1, 0, 0, 1, 2]);
  assert.deepEqual(await states('10.1.0.0/16'), [0, 1, 0, 0, 19]);
});

test('of leases that cannot be read there is no value rather than a wrong one', async (t) => {
  const { value } = await metrics(t, () => Promise.reject(new Error('no')));
  assert.deepEqual(await value('remoteboot_pool_addresses'), []);
  assert.deepEqual(await value('remoteboot_service_up', { service: 'dhcp' }), [1]);
});

test('a service that does not run is down, and the version is told', async (t) => {
  const { value } = await metrics(t, async () => []);
  assert.deepEqual(await value('remoteboot_service_up', { service: 'tftp' }), [0]);
  assert.deepEqual(await value('remoteboot_build_info', { version: '1.2.3' }), [1]);
});

test('Prometheus gets the text with the version of its format', async (t) => {
  const { made } = await metrics(t, async () => []);
  await using api = await Served.start(metricsRoutes({ metrics: made }));
  const response = await api.get('/metrics');
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.ok(readExposition(await response.text()).size > 10);
});

test('the reader of the tests refuses what is not strict', () => {
  const good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"d"} 1\n';
  assert.equal(readExposition(good).get('a_total')?.samples[0]?.value, 1);
  const bad = [
    good.slice(0, -1),
    good.replace('# HELP a_total x\n', ''),
    good.replaceAll('a_total', 'a'),
    good.replace('} 1', '} one'),
    good.replace('"}', '}'),
    `${good}a_total{b="c\\"d"} 2\n`,
    `${good}b 2\n`,
    good + good,
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n',
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ];
  for (const text of bad) assert.throws(() => readExposition(text), Error, text);
});
