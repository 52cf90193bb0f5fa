import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BootChain } from '../../src/boot/chain.ts';
import { ENGINE_NEEDS } from '../lab/docker/engine.ts';
import { Stack } from '../lab/docker/stack.ts';
import { guestSystem } from '../lab/guest-system.ts';
import { Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';

const MAC = '52:54:00:00:01:02';

describe(
  'docker compose run --rm dhcp explain',
  requires('root', 'netns', 'dpkg-deb', ...ENGINE_NEEDS),
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

    async function explain(...words: string[]) {
      const run = ['run', '--rm', '--no-deps', '-T', 'dhcp', 'explain', '--json'];
      const { status, output } = await stack.compose(...run, ...words);
      const text = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
      const { basis, boots } = JSON.parse(text) as { basis: string; boots: { chain: BootChain }[] };
      return { status, basis, boots: boots.map(({ chain }) => chain) };
    }

    test('asks the service that runs, and says the same where none does', async () => {
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

    test('ends with 1 for a machine that would not boot', async () => {
      const { status, boots } = await explain(MAC, '--relay', '10.9.0.1', '--firmware', 'pxe');
      assert.equal(status, 1);
      assert.match(boots[0]!.remedy!, /SUBNETS='10\.9\.0\.0\/24'/);
    });
  },
);
