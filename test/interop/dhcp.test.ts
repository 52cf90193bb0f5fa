import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { DhcpLab, SERVER } from './dhcp-lab.ts';

const needs = requires('root', 'netns', 'busybox');

test(
  'udhcpc gets an address with mask, router, DNS and lease, and the same one again after a restart',
  needs,
  async (t) => {
    const lab = new DhcpLab(t);
    const service = await lab.start('dhcp', {
      DOMAIN: 'lab.example',
      DNS: '10.77.1.1,9.9.9.9',
      LEASE_TIME: '90m',
    });
    const got = await lab.udhcpc();
    assert.deepEqual(got, {
      ip: '10.77.1.2',
      mask: '24',
      subnet: '255.255.255.0',
      router: SERVER,
      dns: `${SERVER} 9.9.9.9`,
      domain: 'lab.example',
      lease: '5400',
      serverid: SERVER,
      siaddr: '',
      boot_file: '',
    });
    const { ended, milliseconds } = await service.stop();
    assert.equal(ended, 0);
    assert.ok(milliseconds < 1000, `stopping took ${milliseconds} ms`);
    await lab.start();
    assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
  },
);

test('dhclient gets an address and nothing to boot, though it asks for it', {
  ...requires('root', 'netns', 'dhclient'),
}, async (t) => {
  const lab = new DhcpLab(t);
  await lab.start();
  const leases = join(lab.folder, 'dhclient.leases');
  const configuration = join(lab.folder, 'dhclient.conf');
  writeFileSync(configuration, 'request subnet-mask, routers, tftp-server-name, bootfile-name;\n');
  const args = [
    '-1',
    '-d',
    '-v',
    '-sf',
    '/bin/true',
    '-cf',
    configuration,
    '-lf',
    leases,
    '-pf',
    join(lab.folder, 'dhclient.pid'),
    'eth0',
  ];
  const dhclient = lab.client.spawn('dhclient', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  dhclient.stderr?.on('data', (data) => {
    output += data;
    if (/bound to|No working leases/.test(output)) dhclient.kill();
  });
  await new Promise((resolve) => dhclient.on('close', resolve));
  assert.match(output, /DHCPACK of 10\.77\.1\.2 from 10\.77\.1\.1/);
  const lease = readFileSync(leases, 'utf8');
  assert.match(lease, /option routers 10\.77\.1\.1;/);
  assert.doesNotMatch(lease, /filename|next-server|server-name|vendor/);
});

test('a reply without the broadcast flag goes to the machine’s own hardware address', {
  ...requires('root', 'netns', 'tcpdump'),
}, async (t) => {
  const lab = new DhcpLab(t);
  await lab.start();
  const mac = /ether ([0-9a-f:]{17})/.exec(lab.client.ip('link', 'show', 'eth0'))?.[1];
  const watch = lab.client.run(
    'tcpdump',
    ['-n', '-e', '-i', 'eth0', '-c', '2', '--immediate-mode', 'udp src port 67'],
    20,
  );
  // tcpdump may take its time to listen.
  let over = false;
  void watch.then(() => {
    over = true;
  });
  while (!over) await lab.udhcpc();
  const { output } = await watch;
  assert.match(
    output,
    new RegExp(`> ${mac}, .* ${SERVER.replaceAll('.', '\\.')}\\.67 > 10\\.77\\.1\\.2\\.68`),
  );
  assert.doesNotMatch(output, /> ff:ff:ff:ff:ff:ff/);
});

test('a machine on another adapter is never answered, nor is anything sent there', {
  ...requires('root', 'netns', 'tcpdump'),
}, async (t) => {
  const lab = new DhcpLab(t);
  const stranger = lab.lab.host('stranger');
  lab.cable('lan1', '10.77.2.1/24', stranger, 'eth0');
  const service = await lab.start('dhcp', { LOG_LEVEL: 'debug' });
  const mac = /ether ([0-9a-f:]{17})/.exec(stranger.ip('link', 'show', 'eth0'))?.[1] ?? 'none';
  const watch = stranger.run('tcpdump', ['-n', '-i', 'eth0', '--immediate-mode', '-l', 'udp src port 67'], 8);
  assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
  assert.equal(await lab.udhcpc(stranger, 'eth0', 3), undefined);
  assert.doesNotMatch((await watch).output, /BOOTP\/DHCP, Reply/);
  assert.ok(!service.log.lines.some((line) => line.includes(mac)), 'it is not even heard');
});

test(
  'without ADAPTER the isolated bridge is made and served, and the log says how to attach a machine',
  needs,
  async (t) => {
    const lab = new DhcpLab(t);
    const service = await lab.start('dhcp', { ADAPTER: '' });
    assert.match(lab.server.ip('addr', 'show', 'remoteboot0'), /inet 10\.99\.0\.1\/24 brd 10\.99\.0\.255/);
    const machine = lab.lab.host('machine');
    connect({ host: lab.server, adapter: 'vm0', bridge: 'remoteboot0' }, { host: machine, adapter: 'eth0' });
    const got = await lab.udhcpc(machine);
    assert.equal(got?.ip, '10.99.0.2');
    assert.equal(await lab.udhcpc(lab.client, 'eth0', 2), undefined, 'the real adapter is left alone');
    const log = service.log.lines.join('\n');
    assert.match(log, /made and serving the isolated bridge remoteboot0/);
    assert.match(log, /qemu -nic bridge,br=remoteboot0/);
    assert.match(log, /set ADAPTER in \.env \(adapters here: .*lan0 10\.77\.1\.1\/24/);
  },
);

test(
  'a missing adapter is waited for, told once with those that are there, and served when it comes',
  needs,
  async (t) => {
    const lab = new DhcpLab(t);
    const service = lab.begin('dhcp', { ADAPTER: 'late0' });
    await service.log.until(
      /adapter late0 \(ADAPTER\) is not on this host; waiting for it\. .*lan0 10\.77\.1\.1\/24/,
      { seconds: 20 },
    );
    const machine = lab.lab.host('machine');
    lab.cable('late0', '10.77.3.1/24', machine, 'eth0');
    await service.log.until(/dhcp serves late0/);
    assert.equal((await lab.udhcpc(machine))?.ip, '10.77.3.2');
    assert.equal(service.log.lines.filter((line) => /is not on this host/.test(line)).length, 1);
  },
);

test('an adapter that is made anew is served again, and leases hold', needs, async (t) => {
  const lab = new DhcpLab(t);
  const service = await lab.start();
  assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
  const mac = /ether ([0-9a-f:]{17})/.exec(lab.client.ip('link', 'show', 'eth0'))?.[1] ?? '';
  const from = service.log.length;
  lab.server.ip('link', 'del', 'lan0');
  lab.cable('lan0', `${SERVER}/24`, lab.client, 'eth0');
  lab.client.ip('link', 'set', 'eth0', 'address', mac);
  await service.log.until(/dhcp serves lan0/, { from, seconds: 20 });
  assert.equal((await lab.udhcpc())?.ip, '10.77.1.2');
});

test('an adapter that gets another address, or another mask, is served with it', needs, async (t) => {
  const lab = new DhcpLab(t);
  const service = await lab.start();
  const from = service.log.length;
  lab.server.ip('addr', 'flush', 'dev', 'lan0');
  lab.server.address('lan0', '10.77.9.1/25');
  await service.log.until(/dhcp serves lan0 \(10\.77\.9\.1, 10\.77\.9\.0\/25\)/, { from, seconds: 20 });
  assert.equal((await lab.udhcpc())?.mask, '25');
  lab.server.ip('addr', 'flush', 'dev', 'lan0');
  lab.server.address('lan0', '10.77.9.1/26');
  await service.log.until(/dhcp serves lan0 \(10\.77\.9\.1, 10\.77\.9\.0\/26\)/, { from, seconds: 20 });
});
