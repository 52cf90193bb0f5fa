import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { MAC } from '../../demo/machine.ts';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { Stack, succeeded } from '../lab/docker/stack.ts';
import { Api } from '../lab/fleet/api.ts';
import { addGuestSystem } from '../lab/guest-system.ts';
import { type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const needs = requires('root', 'netns', ...ENGINE_NEEDS, 'dpkg-deb', 'busybox', 'curl', '/dev/net/tun');
const BOOT_SECONDS = 120;

describe('docker compose --profile demo up', needs, () => {
  let lab: Lab;
  let host: Host;
  let stack: Stack;

  before(async () => {
    lab = new Lab();
    host = lab.host('docker');
    stack = new Stack();
    await stack.open(host, 'demo');
  });
  after(async () => {
    await stack?.close().finally(() => lab.close());
  });

  async function up(...environment: readonly string[]): Promise<void> {
    stack.setEnvironment(environment);
    succeeded(await stack.compose('--profile', 'demo', 'up', '--detach', '--no-build'));
  }
  const plugged = () => host.ip('-o', 'link', 'show', 'master', 'remoteboot0').split('\n').filter(Boolean);
  const systems = () => readdirSync(stack.images).filter((name) => /vmlinuz|initrd/.test(name));

  test('in a fresh clone a machine boots, with its console in the log and where to look at the end', async () => {
    await up();
    await stack.untilLogged(
      'demo',
      /It has booted over the network, \d+ s after .* http:\/\/10\.99\.0\.1\//,
      BOOT_SECONDS,
    );
    const log = await stack.logs('demo');
    const course = [
      /A virtual machine \(.+, MAC 52:54:00:de:30:01\) is switched on/,
      /SeaBIOS|UEFI|PXE/,
      /iPXE initialising devices/,
      /http:\/\/10\.99\.0\.1\/infrakit\.ipxe\.\.\. ok/,
      /Linux version \d/,
      /address 10\.99\.0\.\d+\/24, MAC 52:54:00:de:30:01/,
      /Booted by remoteboot\./,
      /It goes on running/,
    ].map((pattern) => log.search(pattern));
    assert.ok(!course.includes(-1), `${course}\n${log}`);
    assert.deepEqual(
      course,
      course.toSorted((a, b) => a - b),
      log,
    );
  });

  test('the API, and with it the page, shows that boot as done', async () => {
    const machine = await new Api(host, 'http://10.99.0.1').when(
      MAC,
      ({ attempt }) => attempt?.outcome === 'booted',
    );
    assert.equal(machine?.attempt?.outcome, 'booted', JSON.stringify(machine));
    assert.equal(machine?.hostName, 'remoteboot-demo');
    assert.equal(machine?.attempts, 1);
  });

  test('it runs as an ordinary user who may do no more than plug the machine into the own bridge', async () => {
    const status = succeeded(await stack.compose('exec', 'demo', 'cat', '/proc/1/status'));
    assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    for (const set of ['CapEff', 'CapBnd']) assert.match(status, new RegExp(`^${set}:\\s+0*1000$`, 'm'));
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.equal(await stack.inspect('demo', '{{.HostConfig.ReadonlyRootfs}}'), 'true');
    assert.equal(plugged().length, 1);
  });

  test('SIGTERM ends it within a second, with success, and only the two files are left', async () => {
    const start = performance.now();
    succeeded(await stack.compose('stop', 'demo'));
    assert.ok(performance.now() - start < 1000, `it took ${performance.now() - start} ms`);
    assert.equal(await stack.inspect('demo', '{{.State.ExitCode}}'), '0');
    assert.deepEqual(plugged(), []);
    assert.deepEqual(systems(), ['demo-initrd.img', 'demo-vmlinuz']);
  });

  test('killed, it leaves nothing on the bridge either', async () => {
    await up();
    await stack.untilLogged('demo', /(iPXE initialising.*){2}/s, BOOT_SECONDS);
    assert.equal(plugged().length, 1);
    process.kill(Number(await stack.inspect('demo', '{{.State.Pid}}')), 'SIGKILL');
    await stack.until('demo', '{{.State.Status}} {{.State.ExitCode}}', 'exited 137');
    assert.deepEqual(plugged(), []);
  });

  test('a kernel of the user’s is what boots, on a UEFI machine by TFTP too, and is said; its end is the demo’s', async () => {
    addGuestSystem(stack.images);
    await up('DEMO_FIRMWARE=uefi', "CMDLINE='console=ttyS0'");
    await stack.until('demo', '{{.State.Status}} {{.State.ExitCode}}', 'exited 0', BOOT_SECONDS);
    const log = await stack.logs('demo');
    assert.match(log, /It boots what images\/ holds, vmlinuz\./);
    assert.match(log, /BOOTLAB-OK ip=10\.99\.0\.\d+\/24 .*console=ttyS0/);
    assert.match(log, /The machine has switched itself off\./);
    await stack.untilLogged('tftp', /has loaded snponly\.efi/);
    assert.deepEqual(systems(), ['demo-initrd.img', 'demo-vmlinuz', 'initrd.img', 'vmlinuz']);
  });

  test('with ADAPTER set it plugs nothing in, says what to do, and ends with status 2', async () => {
    await up('ADAPTER=eth7');
    await stack.until('demo', '{{.State.Status}} {{.State.ExitCode}}', 'exited 2');
    assert.match(await stack.logs('demo'), /ADAPTER=eth7 is set.*Take ADAPTER out of \.env/s);
    assert.deepEqual(plugged(), []);
  });

  test('down leaves no container', async () => {
    succeeded(await stack.compose('--profile', 'demo', 'down'));
    assert.equal(succeeded(await stack.compose('--profile', 'demo', 'ps', '--all', '--quiet')).trim(), '');
  });
});
