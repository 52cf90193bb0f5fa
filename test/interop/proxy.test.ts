import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { SERVER } from './dhcp-lab.ts';
import { OTHER, SharedLab } from './shared-lab.ts';

const needs = requires('root', 'netns', 'busybox', 'dnsmasq', '/usr/lib/ipxe/undionly.kpxe');
const dotted = (address: string) => address.replaceAll('.', '\\.');

test('beside dnsmasq a proxy leaves ordinary machines to it, and says nothing to them', needs, async (t) => {
  const lab = new SharedLab(t);
  await lab.dnsmasq('--no-ping');
  await lab.start('dhcp', { MODE: 'proxy' });
  const got = await lab.udhcpc(lab.machine);
  assert.match(got?.ip ?? '', /^10\.77\.1\.2\d\d$/);
  assert.equal(got?.serverid, OTHER.address);
  assert.equal(got?.boot_file, '');
  const told = await lab.firmware('udhcpc');
  assert.deepEqual(
    told.map(({ message, from }) => `${message} from ${from}`),
    [`OFFER from ${OTHER.address}:67`, `ACK from ${OTHER.address}:67`],
  );
});

for (const [who, capture, file, vendorClass] of [
  ['a BIOS ROM', 'proxy-undionly', 'undionly.kpxe', 'PXEClient'],
  ['UEFI', 'proxy-ovmf', 'snponly.efi', 'PXEClient'],
  ['UEFI HTTP Boot', 'proxy-httpboot', `http://${SERVER}/snponly.efi`, 'HTTPClient'],
  ['iPXE', 'proxy-bios', `http://${SERVER}/infrakit.ipxe`, 'PXEClient'],
] as const) {
  test(`beside dnsmasq ${who} gets an address from it and what to boot from the proxy`, needs, async (t) => {
    const lab = new SharedLab(t);
    await lab.dnsmasq('--no-ping');
    await lab.start('dhcp', { MODE: 'proxy' });
    const told = await lab.firmware(capture);
    const [ours, theirs] = [
      told.filter((one) => one.server === SERVER),
      told.filter((one) => one.server === OTHER.address),
    ];
    assert.deepEqual(
      theirs.map(({ message }) => message),
      ['OFFER', 'ACK'],
    );
    assert.match(theirs[1]!.yiaddr, /^10\.77\.1\.2\d\d$/);
    assert.deepEqual(
      ours.map(({ message, from }) => `${message} from ${from}`),
      [`OFFER from ${SERVER}:67`, ...(vendorClass === 'PXEClient' ? [`ACK from ${SERVER}:4011`] : [])],
    );
    for (const one of ours) {
      assert.equal(one.yiaddr, '0.0.0.0');
      assert.equal(one.file, file);
      assert.equal(one.vendorClass, vendorClass);
    }
  });
}

test('in server mode a ROM that asks on port 4011 is told the same there', needs, async (t) => {
  const lab = new SharedLab(t);
  await lab.start();
  const told = await lab.firmware('proxy-ovmf');
  assert.deepEqual(
    told.map(({ message }) => message),
    ['OFFER', 'ACK', 'ACK'],
  );
  assert.equal(told[2]!.from, `${SERVER}:4011`);
  assert.deepEqual(new Set(told.map(({ file }) => file)), new Set(['snponly.efi']));
});

test(
  'MODE=auto becomes a proxy beside dnsmasq, and says which address and MAC gave what',
  needs,
  async (t) => {
    const lab = new SharedLab(t);
    // It pings an address for 3 s before it offers it, as it does by itself.
    await lab.dnsmasq();
    const service = await lab.start('dhcp', { MODE: 'auto' });
    const mac = lab.macOf(lab.other);
    const log = service.log.lines.join('\n');
    assert.match(
      log,
      new RegExp(
        `MODE=auto: ${dotted(OTHER.address)} \\(${mac}\\) offers 10\\.77\\.1\\.2\\d\\d for 600 s on lan0\\. It gives the addresses`,
      ),
    );
    assert.match(log, /dhcp serves lan0 .*: no addresses, as ProxyDHCP/);
    assert.doesNotMatch(log, /leases known/, 'no lease database is opened');
    assert.doesNotMatch(log, /two boot servers compete/);
    assert.equal((await lab.udhcpc(lab.machine, 'eth0', 6))?.serverid, OTHER.address);
  },
);

test('MODE=auto says that a server which tells machines what to boot will compete', needs, async (t) => {
  const lab = new SharedLab(t);
  await lab.dnsmasq('--no-ping', '--dhcp-boot=rogue.0');
  const service = await lab.start('dhcp', { MODE: 'auto' });
  await service.log.until(/two boot servers compete: .*tells machines to boot rogue\.0 from 10\.77\.1\.3/);
});

test('MODE=auto gives addresses where nobody else does', needs, async (t) => {
  const lab = new SharedLab(t);
  const service = await lab.start('dhcp', { MODE: 'auto' });
  await service.log.until(/MODE=auto: no other server gives addresses on lan0; this one does/);
  assert.equal((await lab.udhcpc(lab.machine))?.serverid, SERVER);
});

test('its own questions, which it hears too, take no address and are no machine’s', {
  ...requires('root', 'netns', 'busybox', 'tcpdump'),
}, async (t) => {
  const lab = new SharedLab(t);
  const service = await lab.start('dhcp', { LEASE_COUNT: '1', LOG_LEVEL: 'debug' });
  const asked = await lab.machine.run(
    'tcpdump',
    ['-n', '-c', '1', '-i', 'eth0', '--immediate-mode', 'udp dst port 67'],
    15,
  );
  assert.equal(asked.status, 0);
  assert.equal((await lab.udhcpc(lab.machine))?.serverid, SERVER);
  assert.deepEqual(
    service.log.lines.filter((line) => /DISCOVER from PXE|no address left/.test(line)),
    [],
  );
});

test('with port 4011 taken a server of addresses says so and serves, and a proxy waits', {
  ...requires('root', 'netns', 'busybox', 'python3'),
}, async (t) => {
  const lab = new SharedLab(t);
  await lab.hold(4011);
  const service = await lab.start();
  await service.log.until(/UDP port 4011 is taken by python3\S* \(pid \d+\): the few boot ROMs/);
  assert.equal((await lab.udhcpc(lab.machine))?.serverid, SERVER);
  await service.stop();
  const proxy = lab.begin('dhcp', { MODE: 'proxy' });
  await proxy.log.until(/UDP port 4011 is taken by python3\S* \(pid \d+\); dhcp waits until it is free/);
});

test('MODE=auto serves nobody while its question cannot get out', {
  ...requires('root', 'netns', 'nft'),
}, async (t) => {
  const lab = new SharedLab(t);
  await lab.server.run('nft', ['add', 'table', 'ip', 'filter']);
  const chain = '{ type filter hook output priority 0; }';
  await lab.server.run('nft', ['add', 'chain', 'ip', 'filter', 'out', chain]);
  await lab.server.run('nft', ['add', 'rule', 'ip', 'filter', 'out', 'udp', 'dport', '67', 'drop']);
  const service = lab.begin('dhcp', { MODE: 'auto' });
  await service.log.until(/dhcp could not start: nothing can be sent on lan0: send EPERM.*; trying again/);
  await lab.server.run('nft', ['flush', 'table', 'ip', 'filter']);
  await service.log.until(/dhcp serves lan0/, { seconds: 20 });
});

test(
  'a server of addresses warns of another one that is there, with its address and MAC, and serves',
  needs,
  async (t) => {
    const lab = new SharedLab(t);
    await lab.dnsmasq('--no-ping');
    const service = await lab.start();
    await service.log.until(
      new RegExp(
        `another DHCP server answers on this network: ${dotted(OTHER.address)} \\(${lab.macOf(lab.other)}\\) offers 10\\.77\\.1\\.2\\d\\d`,
      ),
    );
  },
);

test('a server that comes later is told when machines choose it, once a minute', {
  ...requires('root', 'netns', 'python3'),
}, async (t) => {
  const lab = new SharedLab(t);
  const service = await lab.start();
  for (let machines = 0; machines < 3; machines++) await lab.choosesOther();
  await service.log.until(
    new RegExp(
      `another DHCP server answers on this network: ${dotted(OTHER.address)}, which a machine has chosen`,
    ),
  );
  assert.equal(service.log.lines.filter((line) => /chose another DHCP server/.test(line)).length, 3);
  assert.equal(service.log.lines.filter((line) => /another DHCP server answers/.test(line)).length, 1);
});

test('a proxy says that nobody gives addresses', needs, async (t) => {
  const lab = new SharedLab(t);
  const service = await lab.start('dhcp', { MODE: 'proxy' });
  await service.log.until(/no server that gives addresses has answered on lan0/);
});

test('a stop ends the look for other servers at once', {
  ...requires('root', 'netns', 'tcpdump'),
}, async (t) => {
  const lab = new SharedLab(t);
  const service = lab.begin('dhcp', { MODE: 'auto', LOG_LEVEL: 'debug' });
  const asked = await lab.machine.run(
    'tcpdump',
    ['-n', '-c', '1', '-i', 'eth0', '--immediate-mode', 'udp dst port 67'],
    15,
  );
  assert.equal(asked.status, 0);
  const { ended, milliseconds } = await service.stop();
  assert.equal(ended, 0);
  assert.ok(milliseconds < 1000, `stopping took ${milliseconds} ms`);
  assert.ok(!service.log.lines.some((line) => /could not start/.test(line)));
});
