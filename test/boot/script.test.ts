import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Appliance, SERVER } from '../lab/appliance.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const needs = requires('root', 'netns', 'qemu-system-x86_64', 'dpkg-deb');
const BOOT_SECONDS = 120;

/** First to autoexec.ipxe, which comes back here; then to the script as it is generated, by TFTP. */
const EDITED = `#!ipxe
iseq \${lab-second} yes && goto second ||
set lab-second yes
chain --replace tftp://${SERVER}/autoexec.ipxe
:second
chain --replace tftp://${SERVER}/generated.ipxe
`;

describe('the generated scripts in a real iPXE', needs, () => {
  let lab: Lab;
  let appliance: Appliance;

  before(async () => {
    lab = new Lab();
    appliance = new Appliance(lab, { CMDLINE: 'console=ttyS0 hello=tftp' });
    appliance.addKernel();
    appliance.start();
    await appliance.service('http').log.until(/infrakit\.ipxe was generated/, { seconds: 20 });
    const path = join(appliance.images, 'infrakit.ipxe');
    writeFileSync(join(appliance.images, 'generated.ipxe'), readFileSync(path));
    writeFileSync(path, EDITED);
  });
  after(async () => {
    await appliance?.stop().finally(() => lab.close());
  });

  test('autoexec.ipxe gets an address by itself and goes to the script; a script that came by TFTP loads its files by TFTP', async () => {
    const guest = await appliance.boot({ firmware: 'ipxe-rom', mac: '52:54:00:00:00:05' });
    await guest.until(/BOOTLAB-OK .*hello=tftp/, BOOT_SECONDS);
    const steps = [
      'autoexec.ipxe',
      'Configuring (net0',
      'infrakit.ipxe',
      'generated.ipxe',
      'vmlinuz',
      'initrd.img',
    ];
    const said = guest.console.lines.join('\n');
    let at = 0;
    for (const step of steps) {
      at = said.indexOf(step, at);
      assert.ok(at >= 0, `${step} in its turn in:\n${said}`);
    }
    const tftp = appliance.service('tftp').log.lines.join('\n');
    for (const file of ['generated.ipxe', 'vmlinuz', 'initrd.img'])
      assert.match(tftp, new RegExp(`has loaded ${file}`));
    assert.doesNotMatch(appliance.service('http').log.lines.join('\n'), /got (vmlinuz|initrd)/);
  });
});
