import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { SERVICES, type ServiceName, Stack, succeeded } from '../lab/docker/stack.ts';
import { type Firmware, firmwareNeeds } from '../lab/firmware.ts';
import { Guest } from '../lab/guest.ts';
import { addGuestSystem } from '../lab/guest-system.ts';
import { connect, type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const needs = requires(
  'root',
  'netns',
  ...ENGINE_NEEDS,
  ...firmwareNeeds('plain-rom', 'uefi'),
  'dpkg-deb',
  'busybox',
);
const BOOT_SECONDS = 120;
const MAC = '52:54:00:00:01:01';

describe('docker compose up', needs, () => {
  let lab: Lab;
  let host: Host;
  let stack: Stack;
  let address: string | undefined;

  before(async () => {
    lab = new Lab();
    host = lab.host('docker');
    stack = new Stack();
    await stack.open(host);
    addGuestSystem(stack.images);
  });
  after(async () => {
    await stack?.close().finally(() => lab.close());
  });

  async function boot(firmware: Firmware, on = { host, bridge: 'remoteboot0' }): Promise<RegExpExecArray> {
    const guest = new Guest({ firmware, mac: MAC, ...on });
    try {
      await guest.start();
      return await guest.until(/BOOTLAB-OK ip=([\d.]+)\/24 mac=\S+ cmdline=<(.*)>/, BOOT_SECONDS);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await stack.logs()}`);
    } finally {
      await guest.stop();
    }
  }
  const ids = () => Promise.all(SERVICES.map((service) => stack.id(service)));

  test('makes a bridge and serves it, all three services healthy, with nothing configured', async () => {
    await stack.up();
    assert.match(host.ip('-4', 'addr', 'show', 'remoteboot0'), /inet 10\.99\.0\.1\/24/);
    for (const service of SERVICES)
      assert.equal(await stack.inspect(service, '{{.State.Health.Status}}'), 'healthy');
  });

  test('each service runs as an ordinary user with the capabilities that it needs, in a read-only container', async () => {
    const wanted: Record<ServiceName, string> = { dhcp: '3400', tftp: '400', http: '400' };
    for (const service of SERVICES) {
      const status = succeeded(await stack.compose('exec', service, 'cat', '/proc/1/status'));
      assert.match(status, /^Name:\s+node/m);
      assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
      assert.match(status, new RegExp(`^CapEff:\\s+0*${wanted[service]}$`, 'm'));
      assert.match(status, new RegExp(`^CapBnd:\\s+0*${wanted[service]}$`, 'm'));
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      assert.equal(await stack.inspect(service, '{{.HostConfig.ReadonlyRootfs}}'), 'true');
    }
  });

  test('a machine on that bridge boots through undionly.kpxe to Linux', async () => {
    address = (await boot('plain-rom'))[1];
    assert.match(address ?? '', /^10\.99\.0\./);
  });

  test('a UEFI machine on that bridge boots through snponly.efi to Linux, at the same address', async () => {
    assert.equal((await boot('uefi'))[1], address);
  });

  test('after a restart of all containers the machine gets the same address', async () => {
    succeeded(await stack.compose('restart'));
    await stack.up();
    assert.equal((await boot('ipxe-rom'))[1], address);
  });

  test('each service ends within a second of SIGTERM, with success', async () => {
    for (const service of SERVICES) {
      const start = performance.now();
      succeeded(await stack.compose('stop', service));
      assert.ok(performance.now() - start < 1000, `${service} took ${performance.now() - start} ms`);
      assert.equal(await stack.inspect(service, '{{.State.ExitCode}}'), '0');
    }
    await stack.up();
  });

  test('a service that is killed is started again, and healthy', async () => {
    for (const service of SERVICES) {
      process.kill(Number(await stack.inspect(service, '{{.State.Pid}}')), 'SIGKILL');
      await stack.until(service, '{{.RestartCount}} {{.State.Health.Status}}', '1 healthy');
    }
    assert.equal((await boot('ipxe-rom'))[1], address);
  });

  test('--scale tftp=0 and naming services leave the others untouched', async () => {
    const [dhcp, , http] = await ids();
    await stack.up('--scale', 'tftp=0');
    assert.deepEqual(await ids(), [dhcp, undefined, http]);
    await stack.up('dhcp', 'http');
    assert.deepEqual(await ids(), [dhcp, undefined, http]);
  });

  test('without internet, pulling the loader by hand fails with one message, and the one that is there still serves', async () => {
    const { status, output } = await stack.compose('run', '--rm', 'tftp', 'pull');
    assert.equal(status, 1);
    assert.match(output, /boot\.ipxe\.org/);
    await stack.up();
    await stack.untilLogged('tftp', /serving the packaged undionly\.kpxe/);
  });

  test('a read-only images/ is told in one line, and machines boot all the same', async () => {
    const lines = ['services:', '  http:', '    volumes: ["./images:/images:ro"]', ''];
    writeFileSync(join(stack.folder, 'compose.override.yaml'), lines.join('\n'));
    // Running, it would write the script anew before the folder is read-only.
    await stack.compose('stop', 'http');
    rmSync(join(stack.images, 'infrakit.ipxe'));
    await stack.up('--force-recreate', 'http');
    await boot('ipxe-rom');
    // What is said of a machine's boot, an earlier one's among them, is another matter.
    const told = (await stack.logs('http'))
      .split('\n')
      .filter((line) => / (warn|error) +(?!([0-9a-f]{2}:){5})/.test(line));
    assert.equal(told.length, 1, told.join('\n'));
    assert.match(told[0]!, /\/images.* cannot be written: .*read-only/i);
  });

  test('ADAPTER and CMDLINE come from .env', async () => {
    writeFileSync(join(stack.folder, 'compose.override.yaml'), 'services: {}\n');
    const lan = lab.host('lan');
    lan.bridge('br0');
    connect({ host, adapter: 'lan0', address: '10.88.0.1/24' }, { host: lan, adapter: 'p0', bridge: 'br0' });
    stack.setEnvironment([
      'ADAPTER=lan0',
      "CMDLINE='console=ttyS0 net=${net0/mac} hello=world'",
      'LEASE_COUNT=5',
    ]);
    await stack.up();
    const [, got, cmdline] = await boot('plain-rom', { host: lan, bridge: 'br0' });
    assert.match(got!, /^10\.88\.0\./);
    assert.match(cmdline!, new RegExp(`console=ttyS0 net=${MAC} hello=world`));
  });
});
