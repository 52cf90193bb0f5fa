import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BootChain } from '../../src/boot/chain.ts';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { Stack } from '../lab/docker/stack.ts';
import { addGuestSystem } from '../lab/guest-system.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const MAC = '52:54:00:00:01:02';

describe(
  'docker compose run --rm dhcp',
  requires('root', 'netns', 'dpkg-deb', 'busybox', ...ENGINE_NEEDS),
  () => {
    let lab: Lab;
    let stack: Stack;

    before(async () => {
      lab = new Lab();
      stack = new Stack();
      await stack.open(lab.host('docker'));
      addGuestSystem(stack.images);
      await stack.up();
    });
    after(async () => {
      await stack?.close().finally(() => lab.close());
    });

    test('rehearse boots all four kinds from a container beside the services, and finds every file as it is on disk', async () => {
      const { status, output } = await stack.compose('run', '--rm', 'dhcp', 'rehearse');
      assert.equal(status, 0, output);
      for (const title of ['BIOS PXE', 'UEFI PXE', 'UEFI HTTP Boot', 'iPXE in the card'])
        assert.match(output, new RegExp(`^${title}: boots, [0-4]\\.\\d s`, 'm'));
      assert.match(output, /initrd\.img, .* as on disk: an initrd/);
    });

    test('rehearse says which service is stopped, with status 1', async () => {
      await stack.compose('stop', 'tftp');
      const { status, output } = await stack.compose('run', '--rm', 'dhcp', 'rehearse', 'uefi');
      assert.equal(status, 1, output);
      assert.match(output, /fail +loader .*tftp does not run/);
    });

    async function explain(...words: string[]) {
      const run = ['run', '--rm', '--no-deps', '-T', 'dhcp', 'explain', '--json'];
      const { status, output } = await stack.compose(...run, ...words);
      const text = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
      const { basis, boots } = JSON.parse(text) as { basis: string; boots: { chain: BootChain }[] };
      return { status, basis, boots: boots.map(({ chain }) => chain) };
    }

    test('explain asks the service that runs, and says the same where none does', async () => {
      const running = await explain(MAC, '--architecture', 'x64');
      assert.equal(running.basis, 'running');
      assert.equal(running.status, 0);
      assert.equal(running.boots[0]?.verdict, 'It would boot vmlinuz with initrd.img.');
      const { status } = await stack.compose('stop', 'dhcp');
      assert.equal(status, 0);
      const alone = await explain(MAC, '--architecture', 'x64');
      assert.equal(alone.basis, 'settings');
      assert.deepEqual(alone.boots, running.boots);
    });

    test('explain ends with 1 for a machine that would not boot', async () => {
      const { status, boots } = await explain(MAC, '--relay', '10.9.0.1', '--firmware', 'pxe');
      assert.equal(status, 1);
      assert.match(boots[0]!.remedy!, /SUBNETS='10\.9\.0\.0\/24'/);
    });
  },
);
