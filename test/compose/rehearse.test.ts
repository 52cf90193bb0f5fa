import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { Stack } from '../lab/docker/stack.ts';
import { guestSystem } from '../lab/guest-system.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

describe(
  'docker compose run --rm dhcp rehearse',
  requires('root', 'netns', ...ENGINE_NEEDS, 'dpkg-deb', 'busybox'),
  () => {
    let lab: Lab;
    let stack: Stack;

    before(async () => {
      lab = new Lab();
      stack = new Stack();
      await stack.open(lab.host('docker'));
      for (const name of ['vmlinuz', 'initrd.img'])
        copyFileSync(join(guestSystem(), name), join(stack.images, name));
      await stack.up();
    });
    after(async () => {
      await stack?.close().finally(() => lab.close());
    });

    test('boots all four kinds from a container beside the services, and finds every file as it is on disk', async () => {
      const { status, output } = await stack.compose('run', '--rm', 'dhcp', 'rehearse');
      assert.equal(status, 0, output);
      for (const title of ['BIOS PXE', 'UEFI PXE', 'UEFI HTTP Boot', 'iPXE in the card'])
        assert.match(output, new RegExp(`^${title}: boots, [0-4]\\.\\d s`, 'm'));
      assert.match(output, /initrd\.img, .* as on disk: an initrd/);
    });

    test('says which service is stopped, with status 1', async () => {
      await stack.compose('stop', 'tftp');
      const { status, output } = await stack.compose('run', '--rm', 'dhcp', 'rehearse', 'uefi');
      assert.equal(status, 1, output);
      assert.match(output, /fail +loader .*tftp does not run/);
    });
  },
);
