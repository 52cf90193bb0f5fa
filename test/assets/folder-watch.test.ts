import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FolderWatch } from '../../src/assets/folder-watch.ts';
import { Folder } from './folder.ts';

async function tells(watch: FolderWatch): Promise<boolean> {
  for (let tries = 0; tries < 1000 && !watch.changed; tries++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  return watch.changed;
}

test('each kind of change is told, in the folder and in those below that are named', async () => {
  using folder = new Folder();
  folder.write('vmlinuz', 'old');
  mkdirSync(folder.at('grub'));
  const watch = new FolderWatch(folder.path, [folder.at('grub')]);
  assert.equal(watch.changed, true);
  const changes: (() => void)[] = [
    () => writeFileSync(folder.at('vmlinuz'), 'new'),
    () => chmodSync(folder.at('vmlinuz'), 0),
    () => renameSync(folder.at('vmlinuz'), folder.at('kernel')),
    () => writeFileSync(folder.at('grub/grub.cfg'), 'new'),
    () => rmSync(folder.at('grub'), { recursive: true }),
    () => mkdirSync(folder.at('grub')),
    () => writeFileSync(folder.at('grub/grub.cfg'), 'newer'),
    () => rmSync(folder.at('kernel')),
  ];
  for (const change of changes) {
    watch.reset();
    assert.equal(watch.changed, false);
    change();
    assert.ok(await tells(watch), String(change));
    // What belongs to the same change may be told a little later.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  watch.stop();
});

test('a folder that is missing may change at any time, and is heard again when it is made anew', async () => {
  using folder = new Folder();
  const path = folder.at('images');
  const watch = new FolderWatch(path);
  watch.reset();
  assert.equal(watch.changed, true);
  mkdirSync(path);
  watch.reset();
  assert.equal(watch.changed, false);
  rmSync(path, { recursive: true });
  assert.ok(await tells(watch));
  mkdirSync(path);
  watch.reset();
  writeFileSync(`${path}/vmlinuz`, '');
  assert.ok(await tells(watch));
  watch.stop();
});

test('a folder that the system tells nothing of counts as changed, and is no fault', () => {
  using folder = new Folder();
  const loop = folder.at('loop');
  symlinkSync(loop, loop);
  const watch = new FolderWatch(loop, [folder.at('loop/grub')]);
  watch.reset();
  assert.equal(watch.changed, true);
  watch.stop();
});
