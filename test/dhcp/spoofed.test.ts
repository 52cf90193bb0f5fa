import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handle } from '../../src/dhcp/engine.ts';
import { handleAsBootServer, handleAsProxy } from '../../src/dhcp/proxy.ts';
import { render } from '../../src/journal/render.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { relayOption, rigWith } from './relayed.ts';
import { BIOS_ROM, ip, message, Rig, SERVER, SETTINGS } from './rig.ts';

test('whoever claims another address than the one it is given is answered where it is, not where it says', () => {
  const rig = new Rig();
  const { yiaddr } = rig.discover();
  const ack = rig.select(yiaddr, { ciaddr: '192.0.2.7' });
  assert.equal(ack.what, 'ACK');
  assert.equal(ack.to, `${yiaddr}:68 via 525400000001`);
  assert.equal(rig.discover({ ciaddr: '192.0.2.7' }).to, `${yiaddr}:68 via 525400000001`);
});

test('an INFORM from the address of all hosts, of none, or of this server, is answered to nobody', () => {
  const rig = new Rig();
  for (const ciaddr of ['10.0.0.255', '10.0.0.0', SERVER])
    assert.equal(rig.bytes(message(MESSAGE.inform, { ciaddr })).what, 'silence', ciaddr);
});

for (const giaddr of ['255.255.255.255', '224.0.0.1', '127.0.0.1', '0.0.0.9'])
  test(`a relay that calls itself ${giaddr} gets nothing, whatever link it speaks for`, () => {
    const options = relayOption({ 5: '10.1.0.1' });
    assert.equal(rigWith().discover({ giaddr, options }).what, 'silence');
    assert.equal(rigWith().discover({ giaddr: '10.1.0.1', options }).what, 'OFFER');
  });

/** Where an answer must never go by a packet's word alone. */
const ELSEWHERE = [
  ['a stranger', '192.0.2.7'],
  ['a neighbour of the relayed subnet', '10.1.1.1'],
  ['a subnet itself', '10.1.0.0'],
  ['all hosts of a subnet', '10.1.0.255'],
  ['all hosts of the adapter’s own', '10.0.0.255'],
  ['this server', SERVER],
] as const;

for (const [who, giaddr] of ELSEWHERE) {
  test(`with the giaddr of ${who}, ${giaddr}, nothing is answered, neither by link selection nor by subnet selection nor by a proxy`, () => {
    const says = [
      {},
      relayOption({ 5: '10.1.0.1' }),
      relayOption({ 5: '10.0.0.1', 11: giaddr }),
      { [OPTION.subnetSelection]: '10.1.0.0' },
    ];
    const settings = { ...SETTINGS, served: rigWith().scopes.local.served };
    for (const options of says) {
      for (const type of [MESSAGE.discover, MESSAGE.request, MESSAGE.inform, MESSAGE.decline]) {
        const address = { [OPTION.requestedAddress]: '10.1.0.10' };
        const bytes = message(type, { giaddr, options: { ...BIOS_ROM, ...address, ...options } });
        const { outcome } = rigWith().bytes(bytes);
        assert.equal(outcome.answer, undefined);
        assert.ok(outcome.events.length > 0, 'and that is told');
        assert.equal(handleAsProxy(bytes, ip(giaddr), settings).answer, undefined);
      }
    }
  });
}

test('a relay that SUBNETS names is answered from anywhere, for its own subnet, and by link selection for others', () => {
  const racks = [{ cidr: '10.1.0.0/24', first: '10.1.0.10', count: 3, relays: ['192.0.2.7'] }];
  const giaddr = '192.0.2.7';
  const offer = rigWith(racks).discover({ giaddr });
  assert.deepEqual([offer.yiaddr, offer.to], ['10.1.0.10', '192.0.2.7:67']);
  const options = relayOption({ 5: '10.0.0.9' });
  assert.equal(rigWith(racks).discover({ giaddr, options }).yiaddr, '10.0.0.10');
  assert.equal(rigWith(racks).discover({ giaddr: '192.0.2.8' }).what, 'silence');
  const settings = { ...SETTINGS, served: rigWith(racks).scopes.local.served };
  const proxied = handleAsProxy(message(MESSAGE.discover, { giaddr, options: BIOS_ROM }), 0, settings);
  assert.equal(proxied.answer?.destination.address, ip(giaddr));
});

test('a relay that speaks for a served subnet from elsewhere is told with the word that would name it', () => {
  const { outcome } = rigWith().discover({ giaddr: '192.0.2.7', options: relayOption({ 5: '10.1.0.1' }) });
  const told = outcome.events.find(({ kind }) => kind === 'dhcp.unknown-relay');
  assert.match(render(told!).text, /at 192\.0\.2\.7.*speaks for 10\.1\.0\.0\/24.*relay=192\.0\.2\.7/);
});

test('what seems to come from this server itself is left alone, whatever it asks', () => {
  const rig = new Rig();
  const address = rig.lease('52:54:00:00:00:01');
  for (const bytes of [
    message(MESSAGE.discover),
    message(MESSAGE.request, { ciaddr: address }),
    message(MESSAGE.release, { ciaddr: address }),
    message(MESSAGE.inform, { ciaddr: '10.0.0.99' }),
  ])
    assert.deepEqual(rig.bytes(bytes, SERVER).kinds, ['dhcp.ignored']);
});

test('whoever renews an address of another network is answered nothing', () => {
  for (const giaddr of [undefined, '10.1.0.1'])
    for (const ciaddr of ['192.0.2.7', '10.1.1.9', SERVER]) {
      const say = giaddr === undefined ? { ciaddr } : { ciaddr, giaddr };
      assert.equal(rigWith().bytes(message(MESSAGE.request, say)).what === 'ACK', false, ciaddr);
      if (ciaddr !== SERVER) assert.equal(rigWith().bytes(message(MESSAGE.request, say)).what, 'silence');
    }
});

test('a RELEASE ends a lease only where it comes from the leased address', () => {
  const rig = new Rig();
  const address = rig.lease('52:54:00:00:00:01');
  const release = message(MESSAGE.release, { ciaddr: address });
  for (const peer of ['10.0.0.66', '0.0.0.0', '192.0.2.7'])
    assert.deepEqual(rig.bytes(release, peer).kinds, ['dhcp.ignored']);
  assert.deepEqual(rig.bytes(release, address).kinds, ['dhcp.release']);
});

test('an INFORM is answered only where it comes from the address that it names', () => {
  const inform = message(MESSAGE.inform, { ciaddr: '10.0.0.99' });
  for (const peer of ['10.0.0.66', '0.0.0.0', '192.0.2.7'])
    assert.deepEqual(new Rig().bytes(inform, peer).kinds, ['dhcp.ignored']);
  assert.equal(new Rig().bytes(inform, '10.0.0.99').to, '10.0.0.99:68');
});

test('a relay on this network is answered only where it asks from the address that it names', () => {
  const discover = message(MESSAGE.discover, { giaddr: '10.0.0.200' });
  for (const peer of ['0.0.0.0', '10.0.0.66', '192.0.2.7'])
    assert.deepEqual(new Rig().bytes(discover, peer).kinds, ['dhcp.ignored']);
  assert.equal(new Rig().bytes(discover, '10.0.0.200').to, '10.0.0.200:67');
});

test('a relay of another subnet may ask from another of its addresses', () => {
  const discover = message(MESSAGE.discover, { giaddr: '10.1.0.1' });
  assert.equal(rigWith().bytes(discover, '10.0.0.253').to, '10.1.0.1:67');
});

test('on port 4011 only machines of served subnets are answered, and where they ask from', () => {
  const { served } = rigWith().scopes.local;
  const bytes = message(MESSAGE.request, { options: BIOS_ROM });
  const to = (address: string) =>
    handleAsBootServer(bytes, { address: ip(address), port: 68 }, { ...SETTINGS, served }).answer
      ?.destination;
  for (const address of ['10.0.0.77', '10.1.0.77', '10.2.0.100'])
    assert.deepEqual(to(address), { address: ip(address), port: 68 });
  for (const address of ['0.0.0.0', '192.0.2.7', '127.0.0.1', '10.0.0.255', '10.1.0.0', '10.2.0.127', SERVER])
    assert.equal(to(address), undefined, address);
});

test('the host’s own rehearsal, which comes from loopback, is answered all the same', () => {
  const who = { key: 'rehearsal', mac: '02:72:65:68:72:73', hostName: 'rehearsal' };
  const { scopes, now } = new Rig();
  const bytes = message(MESSAGE.discover, { options: BIOS_ROM });
  assert.ok(handle(bytes, ip('127.0.0.1'), scopes, now, who).answer);
  const boot = message(MESSAGE.request, { options: BIOS_ROM });
  const peer = { address: ip('127.0.0.1'), port: 4011 };
  assert.ok(handleAsBootServer(boot, peer, { ...SETTINGS }, who).answer);
});

test('a proxy answers a REQUEST that chooses it only on its own network', () => {
  const request = (ciaddr: string) =>
    message(MESSAGE.request, { ciaddr, options: { ...BIOS_ROM, [OPTION.serverIdentifier]: SERVER } });
  const answered = (ciaddr: string) => handleAsProxy(request(ciaddr), 0, SETTINGS).answer !== undefined;
  assert.equal(answered('10.0.0.77'), true);
  assert.equal(answered('192.0.2.7'), false);
  assert.equal(answered('10.0.0.255'), false);
});
