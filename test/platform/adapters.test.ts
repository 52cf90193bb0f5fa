import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdapterFacts, findAdapter, isLocalAddress } from '../../src/platform/adapters.ts';
import { portHolder } from '../../src/platform/port-holder.ts';
import { openUdp } from '../../src/platform/udp.ts';
import { formatIpv4, parseIpv4 } from '../../src/protocol/ipv4.ts';
import { connect, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

test('loopback is no adapter to serve, and its addresses are this host’s', () => {
  assert.equal(findAdapter('lo'), undefined);
  assert.ok(isLocalAddress(parseIpv4('127.0.0.1')!));
  assert.ok(!isLocalAddress(parseIpv4('203.0.113.1')!));
});

test('the holder of a UDP port is named with its process', async () => {
  const socket = await openUdp(
    { port: 0, address: parseIpv4('127.0.0.1')! },
    { batch() {}, sendFailed() {}, failed() {} },
  );
  assert.match(portHolder('UDP', socket.port), new RegExp(`\\(pid ${process.pid}\\)`));
  await socket.close();
  assert.equal(portHolder('UDP', socket.port), 'another program');
});

const ADAPTERS = new URL('../../src/platform/adapters.ts', import.meta.url).href;

test('adapters are told with all their addresses, labelled ones too, and with what they are a port of', {
  ...requires('root', 'netns'),
}, async (t) => {
  const lab = new Lab();
  t.after(() => lab.close());
  const host = lab.host('host');
  connect({ host, adapter: 'lan0', address: '10.77.1.1/24' }, { host: lab.host('peer'), adapter: 'eth0' });
  host.ip('addr', 'add', '10.77.1.2/24', 'dev', 'lan0', 'label', 'lan0:1');
  host.ip('addr', 'add', '10.77.9.1', 'peer', '10.77.9.2/32', 'dev', 'lan0');
  host.bridge('br0');
  host.ip('link', 'set', 'lan0', 'master', 'br0');
  const list = `const { listAdapters } = await import('${ADAPTERS}'); console.log(JSON.stringify(listAdapters()))`;
  const { output } = await host.run(process.execPath, ['--input-type=module', '-e', list]);
  const adapters: AdapterFacts[] = JSON.parse(output);
  assert.deepEqual(adapters.map(({ name }) => name).sort(), ['br0', 'lan0']);
  const found = adapters.find(({ name }) => name === 'lan0')!;
  assert.deepEqual(
    found.addresses.map(({ address, prefix }) => `${formatIpv4(address)}/${prefix}`),
    ['10.77.1.1/24', '10.77.9.1/32', '10.77.1.2/24'],
  );
  assert.deepEqual(found.master, { name: 'br0', kind: 'bridge' });
  const [, mac] = /ether ([0-9a-f:]{17})/.exec(host.ip('link', 'show', 'lan0'))!;
  assert.deepEqual([found.mac, found.mtu, found.up, found.carrier], [mac, 1500, true, true]);
});
