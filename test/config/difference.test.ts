import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from '../../src/config/difference.ts';
import { resolve, type Service } from '../../src/config/resolve.ts';
import type { AdapterFacts } from '../../src/platform/adapters.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { defaultSettings, profileOf } from '../profile.ts';

const SERVER = { address: parseIpv4('10.77.1.1')!, prefix: 24 };
const SECOND = { address: parseIpv4('10.77.1.9')!, prefix: 24 };
const LAN0: AdapterFacts = {
  name: 'lan0',
  index: 7,
  mac: '52:54:00:00:00:01',
  mtu: 1500,
  up: true,
  carrier: true,
  addresses: [SERVER],
};

function profileOn(facts: Partial<AdapterFacts>, settings: Partial<ReturnType<typeof defaultSettings>> = {}) {
  const { paths } = profileOf();
  const all = { ...defaultSettings(), ADAPTER: 'lan0', ...settings };
  const resolution = resolve(all, [{ ...LAN0, ...facts }], paths, 'tftp');
  if (resolution.state !== 'ready') throw new Error(resolution.state);
  return resolution.profile;
}

function anew(facts: Partial<AdapterFacts>, settings = {}): (string | undefined)[] {
  const services: Service[] = ['dhcp', 'tftp', 'http'];
  return services.map((service) => difference(service, profileOn({}, settings), profileOn(facts, settings)));
}

test('what a service does not work from lets it go on', () => {
  for (const same of [{}, { carrier: false }, { up: false }, { mac: '52:54:00:00:00:02' }])
    assert.deepEqual(anew(same), [undefined, undefined, undefined]);
});

test('an adapter with another index is served anew by those whose sockets are bound to it', () => {
  assert.deepEqual(anew({ index: 8 }), ['was made anew', 'was made anew', undefined]);
});

test('another address or mask is served anew by all', () => {
  const told = 'has another address or mask';
  assert.deepEqual(anew({ addresses: [SECOND] }), [told, told, told]);
  assert.deepEqual(anew({ addresses: [{ ...SERVER, prefix: 25 }] }), [told, told, told]);
});

test('another MTU is for tftp alone, whose blocks follow it', () => {
  assert.deepEqual(anew({ mtu: 1400 }), [undefined, 'has another MTU, 1400', undefined]);
});

test('a second address matters to dhcp where a machine could have been given it', () => {
  const [dhcp, , http] = anew({ addresses: [SERVER, SECOND] });
  assert.match(dhcp ?? '', /changes what machines are given/);
  assert.equal(http, undefined);
  assert.deepEqual(anew({ addresses: [SERVER, SECOND] }, { START_ADDRESS: parseIpv4('10.77.1.100') }), [
    undefined,
    'has other addresses',
    undefined,
  ]);
});

test('an adapter that is a port is waited for, with what to name instead; one in a VRF is served', () => {
  const { paths } = profileOf();
  const settings = { ...defaultSettings(), ADAPTER: 'lan0' };
  for (const kind of ['bridge', 'bond', 'openvswitch']) {
    const master = { name: 'm0', kind };
    assert.deepEqual(resolve(settings, [{ ...LAN0, master }], paths, 'dhcp'), {
      state: 'waiting',
      event: { kind: 'config.is-port', adapter: 'lan0', master },
    });
  }
  const inVrf = [{ ...LAN0, master: { name: 'red', kind: 'vrf' } }];
  assert.equal(resolve(settings, inVrf, paths, 'dhcp').state, 'ready');
});
