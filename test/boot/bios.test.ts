import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Appliance, SERVER } from '../lab/appliance.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const needs = requires(
  'root',
  'netns',
  'qemu-system-x86_64',
  'dpkg-deb',
  'busybox',
  '/usr/lib/ipxe/undionly.kpxe',
);
const BOOT_SECONDS = 120;

describe('three services and a BIOS machine', needs, () => {
  const mac = '52:54:00:00:00:01';
  let lab: Lab;
  let appliance: Appliance;
  let address: string | undefined;

  before(() => {
    lab = new Lab();
    appliance = new Appliance(lab, { CMDLINE: 'console=ttyS0 bootlab=1 hello=world', DOMAIN: 'lab.example' });
    appliance.addKernel();
    appliance.start();
  });
  after(async () => {
    await appliance?.stop().finally(() => lab.close());
  });

  test('a machine with a plain PXE ROM boots Linux through undionly.kpxe, with the CMDLINE of the environment', async () => {
    const guest = await appliance.boot({ firmware: 'plain-rom', mac });
    await guest.until(new RegExp(`tftp://${SERVER}/undionly.kpxe`), BOOT_SECONDS);
    await guest.until(/using undionly/, BOOT_SECONDS);
    await guest.until(new RegExp(`http://${SERVER}/infrakit.ipxe`), BOOT_SECONDS);
    const lease = await guest.until(/BOOTLAB-DHCP .*/, BOOT_SECONDS);
    assert.match(
      lease[0],
      new RegExp(`router=${SERVER} dns=${SERVER} domain=lab.example lease=7200 server=${SERVER}`),
    );
    const ok = await guest.until(/BOOTLAB-OK ip=(10\.88\.0\.\d+)\/24 mac=(\S+) cmdline=<(.*)>/, BOOT_SECONDS);
    address = ok[1];
    assert.equal(ok[2], mac);
    assert.match(ok[3]!, /\bbootlab=1 hello=world\b/);
    await guest.stop();
  });

  test('at its next boot the machine gets the same address, and another machine another one', async () => {
    const second = await appliance.boot({ firmware: 'ipxe-rom', mac });
    const other = await appliance.boot({ firmware: 'ipxe-rom', mac: '52:54:00:00:00:02' });
    const addressOf = async (guest: typeof second) =>
      (await guest.until(/BOOTLAB-OK ip=([\d.]+)\//, BOOT_SECONDS))[1];
    assert.equal(await addressOf(second), address);
    assert.notEqual(await addressOf(other), address);
  });

  test('a machine with iPXE in its card goes straight to the script', async () => {
    const guest = await appliance.boot({ firmware: 'ipxe-rom', mac: '52:54:00:00:00:03' });
    await guest.until(/BOOTLAB-OK .*hello=world/, BOOT_SECONDS);
    assert.ok(!guest.console.lines.some((line) => line.includes('tftp://')));
  });
});

describe('three services without a kernel', needs, () => {
  let lab: Lab;
  let appliance: Appliance;

  before(() => {
    lab = new Lab();
    appliance = new Appliance(lab, { CMDLINE: 'console=ttyS0' });
    appliance.start();
  });
  after(async () => {
    await appliance?.stop().finally(() => lab.close());
  });

  test("the machine's screen says what to do, and it boots by itself once a kernel is there", async () => {
    const guest = await appliance.boot({ firmware: 'ipxe-rom', mac: '52:54:00:00:00:04' });
    await guest.until(/kernel.*images\//i, BOOT_SECONDS);
    appliance.addKernel();
    await guest.until(/BOOTLAB-OK/, BOOT_SECONDS);
  });
});
