import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { long } from '../../../src/protocol/dhcp/options.ts';
import { relayOption, rigWith } from '../../dhcp/relayed.ts';
import { ip, message, POOL } from '../../dhcp/rig.ts';
import { BIOS, IPXE, MAC, Scene, SYSTEM, UEFI, verdictOf } from './rig.ts';

const OTHER = '10.0.0.99';
const RIVAL = {
  server: ip(OTHER),
  mac: '52:54:00:00:00:99',
  offered: { address: ip('10.0.0.200'), seconds: 600 },
  boots: ['rogue.0 from 10.0.0.99'],
};

function says(scene: Scene, ...words: (string | RegExp)[]): void {
  const { cause, remedy } = scene.judged().diagnosis!;
  for (const word of words)
    assert.match(`${cause} ${remedy}`, word instanceof RegExp ? word : new RegExp(RegExp.escape(word)));
}

test('unknown-relay: a request through a relay of a subnet that is not served', () => {
  const scene = new Scene();
  scene.discover(BIOS, { giaddr: '10.77.0.1' });
  assert.equal(scene.verdict(), 'failed unknown-relay at address');
  assert.equal(scene.judged().outcome, 'failed');
  says(scene, '10.77.0.1', "SUBNETS='10.77.0.0/24'", 'served: 10.0.0.0/24');
});

test('unknown-relay: the link that option 82 names counts, and an ordinary client begins no boot', () => {
  const scene = new Scene();
  scene.discover(UEFI, { giaddr: '10.77.0.1', options: relayOption({ 5: '10.78.0.1' }) });
  says(scene, '10.78.0.1', "SUBNETS='10.78.0.0/24'");
  scene.discover(SYSTEM, { mac: '52:54:00:00:00:02', giaddr: '10.77.0.1' });
  assert.throws(() => scene.judged('52:54:00:00:00:02'), /no attempt/);
});

test('unknown-relay: a relay that speaks for a served subnet from elsewhere is told with what to do', () => {
  const scene = new Scene();
  scene.discover(UEFI, { giaddr: '192.0.2.7', options: relayOption({ 5: '10.0.0.9' }) });
  assert.equal(scene.verdict(), 'failed unknown-relay at address');
  says(
    scene,
    '192.0.2.7',
    'no subnet that is served (10.0.0.0/24)',
    'let it ask from its address in 10.0.0.0/24',
  );
});

test('pool-used-up: no address is left, which is told for one machine and holds for the next as well', () => {
  const scene = new Scene({ dhcp: { pool: { ...POOL, count: 1 } } });
  scene.lease(BIOS, { mac: '52:54:00:00:00:09' });
  scene.discover(BIOS);
  assert.equal(scene.verdict(), 'failed pool-used-up at address');
  says(scene, 'all 1 of the pool', 'LEASE_COUNT=2', 'LEASE_TIME');
  // The service tells it twice a minute at most.
  const late = '52:54:00:00:00:0a';
  // Nor is anything told of its first try.
  scene.dhcp.discover({ mac: late, options: BIOS });
  scene.wait(4);
  const { events } = scene.dhcp.discover({ mac: late, options: BIOS }).outcome;
  for (const event of events) if (event.kind !== 'dhcp.pool-used-up') scene.tell('dhcp', event);
  assert.equal(scene.verdict(late), 'failed pool-used-up at address');
});

test('pool-used-up is taken back when an address becomes free', () => {
  const scene = new Scene({ dhcp: { pool: { ...POOL, count: 1 } } });
  const first = '52:54:00:00:00:09';
  const address = scene.lease(BIOS, { mac: first });
  scene.discover(BIOS);
  assert.equal(scene.judged().outcome, 'failed');
  scene.packet(
    message(MESSAGE.release, {
      mac: first,
      ciaddr: address,
      options: { [OPTION.serverIdentifier]: '10.0.0.1' },
    }),
  );
  scene.wait(4).lease(BIOS);
  assert.equal(scene.verdict(), '');
  assert.equal(scene.judged().outcome, 'running');
});

test('lease-not-stored: the database refuses the lease, so the ACK is held back', () => {
  const scene = new Scene();
  const { yiaddr } = scene.discover(BIOS);
  scene.wait(1);
  const { outcome } = scene.dhcp.select(yiaddr, { mac: MAC, options: BIOS });
  // As the receive loop does where its store fails: what was asked is told, and the failure in place of the answer.
  for (const event of outcome.events) if (event.kind === 'dhcp.request') scene.tell('dhcp', event);
  scene.tell('dhcp', {
    kind: 'dhcp.store-failed',
    reason: 'database or disk is full',
    remedy: 'Free space',
    file: '/state/leases.sqlite',
    macs: [MAC],
  });
  assert.equal(scene.verdict(), 'failed lease-not-stored at address');
  says(scene, 'database or disk is full', '/state/leases.sqlite', 'STATE_DIR');
  scene.wait(3).lease(BIOS);
  assert.equal(scene.verdict(), '');
});

test('request-ignored: the engine had a reason to say nothing', () => {
  const scene = new Scene();
  const asked = { [OPTION.requestedAddress]: long(ip('10.0.0.77')) };
  scene.packet(message(MESSAGE.request, { mac: MAC, options: { ...BIOS, ...asked } }));
  scene.wait(11);
  assert.equal(scene.verdict(), 'suspect request-ignored at address');
  says(scene, "10.0.0.77 may be another server's lease");
});

test('other-server-won: the REQUEST names another server, and what is known of it is named', () => {
  const scene = new Scene();
  scene.tell('dhcp', { kind: 'dhcp.foreign-server', servers: [RIVAL], chosen: false });
  scene.discover(UEFI);
  scene.wait(4).request('10.0.0.200', UEFI, { server: OTHER });
  assert.equal(scene.verdict(), '');
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed other-server-won at address');
  says(scene, `${OTHER} (${RIVAL.mac})`, 'rogue.0', 'MODE=proxy');
});

test('other-server-won by iPXE is told of the stage of iPXE, and is taken back when it comes to us all the same', async () => {
  const scene = new Scene();
  const address = scene.lease(BIOS);
  await scene.tftp.load(address, 'undionly.kpxe');
  scene.wait(2).discover(IPXE);
  scene.request('10.0.0.200', IPXE, { server: OTHER });
  scene.wait(4);
  assert.equal(scene.verdict(), 'failed other-server-won at ipxe');
  scene.lease(IPXE);
  assert.equal(scene.verdict(), '');
});

test('nak-loop: it asks again and again for an address that it may not have', () => {
  const scene = new Scene({ dhcp: { settings: { authoritative: true } } });
  scene.tell('dhcp', { kind: 'dhcp.foreign-server', servers: [RIVAL], chosen: false });
  for (let round = 0; round < 3; round++) {
    scene.discover(BIOS);
    scene.request('192.168.7.7', BIOS);
    scene.wait(2);
  }
  assert.equal(scene.verdict(), 'suspect nak-loop at address');
  says(scene, '192.168.7.7', 'refused 3 times', OTHER);
  scene.lease(BIOS);
  assert.equal(scene.verdict(), '');
});

test('address-declined: something else uses the address', () => {
  const scene = new Scene();
  for (let round = 0; round < 2; round++) {
    const address = scene.lease(UEFI);
    const named = { [OPTION.serverIdentifier]: '10.0.0.1', [OPTION.requestedAddress]: address };
    scene.packet(message(MESSAGE.decline, { mac: MAC, options: { ...UEFI, ...named } }));
    scene.wait(1);
  }
  assert.equal(scene.verdict(), 'suspect address-declined at address');
  says(scene, '10.0.0.11', 'arping -I eth1 10.0.0.11', 'START_ADDRESS');
});

test('ack-lost: ACKs leave, and it asks as if there had been none', () => {
  const scene = new Scene();
  const { yiaddr } = scene.discover(BIOS);
  for (const pause of [1, 2, 4]) {
    scene.request(yiaddr, BIOS);
    scene.wait(pause);
  }
  assert.equal(scene.verdict(), 'suspect ack-lost at address');
  says(scene, '3 ACKs of 10.0.0.10', 'UDP 68');
});

test('ack-lost behind a relay names the relay', () => {
  const scene = new Scene();
  scene.dhcp.scopes = rigWith().scopes;
  const through = { giaddr: '10.1.0.1' };
  const { yiaddr } = scene.discover(BIOS, through);
  for (let round = 0; round < 3; round++) scene.wait(1).request(yiaddr, BIOS, through);
  assert.equal(scene.verdict(), 'suspect ack-lost at address');
  assert.equal(scene.judged().relay, '10.1.0.1');
  says(scene, 'ip route get 10.1.0.1');
});

test('offer-not-taken: offers are made in vain, and other servers that are known are named', () => {
  const scene = new Scene();
  scene.tell('dhcp', { kind: 'dhcp.foreign-server', servers: [RIVAL], chosen: false });
  scene.discover(UEFI);
  scene.wait(19);
  assert.equal(scene.verdict(), '');
  scene.wait(1);
  assert.equal(scene.verdict(), 'suspect offer-not-taken at address');
  says(scene, OTHER, RIVAL.mac, 'MODE=proxy');
  scene.lease(UEFI);
  assert.equal(scene.verdict(), '');
});

test('offer-not-taken becomes certain when the machine goes on to its next way to boot', () => {
  const scene = new Scene();
  for (const pause of [4, 8]) {
    scene.discover(BIOS);
    scene.wait(pause);
  }
  scene.discover(UEFI);
  assert.equal(verdictOf(scene.before()), 'failed offer-not-taken at address');
  assert.equal(scene.before().outcome, 'failed');
});

test('no-address: in proxy mode a machine is told what to boot, and nobody gives it an address', () => {
  const scene = new Scene();
  scene.proxied(message(MESSAGE.discover, { mac: MAC, options: UEFI }));
  scene.wait(20);
  assert.equal(scene.verdict(), 'suspect no-address at address');
  says(scene, 'proxy mode', 'MODE=server');
});
