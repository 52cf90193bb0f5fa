import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grubConfig } from '../../../src/boot/grub.ts';
import { followGrub } from '../../../src/commands/rehearse/follow-grub.ts';
import { ready, settings } from '../../script/choices.ts';

const loads = (config: string) => followGrub(config).map(({ as, url }) => `${as} ${url}`);

test('the generated grub.cfg loads its kernel and its initrds', () => {
  assert.deepEqual(loads(grubConfig(settings('quiet'), ready('vmlinuz', 'a b.img', 'c.img'))), [
    'kernel /vmlinuz',
    'initrd /a b.img',
    'initrd /c.img',
  ]);
});

test('the generated grub.cfg for a folder without a kernel loads nothing', () => {
  assert.deepEqual(
    loads(grubConfig(settings(), { ready: false, reason: 'there is none', remedy: 'put one' })),
    [],
  );
});

test('plain commands of other making are understood', () => {
  assert.deepEqual(loads('menuentry x {\n  linuxefi /k "root=x y"\n  initrdefi /i\n}\n# linux /no'), [
    'kernel /k',
    'initrd /i',
  ]);
});
