import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoaderPresence } from '../../src/assets/loader-presence.ts';
import { hasPackaged } from '../../src/assets/packaged.ts';
import { profileOf } from '../profile.ts';
import { Folder } from './folder.ts';

test('a loader is there in images/ or in the package, under its own or the package’s name, and may come later', async () => {
  using images = new Folder();
  using packaged = new Folder();
  const presence = new LoaderPresence(profileOf().loaders, { images: images.path, loaders: packaged.path });
  await presence.look();
  assert.ok(!presence.has('bios') && !presence.has('x64') && !presence.has('arm64'));
  images.write('snponly.efi', Buffer.from('x'));
  packaged.write('undionly.kpxe', Buffer.from('x'));
  packaged.write('ipxe-arm64.efi', Buffer.from('x'));
  packaged.write('snponly-ia32.efi', Buffer.from('x'));
  await presence.look();
  assert.ok(presence.has('x64') && presence.has('bios') && presence.has('arm64'));
  assert.ok(!presence.has('ia32'), 'the package has no such loader');
});

test('folders that are not there have nothing, and are no error', async () => {
  const presence = new LoaderPresence(profileOf().loaders, {
    images: '/nonexistent/a',
    loaders: '/nonexistent/b',
  });
  await presence.start();
  assert.ok(!presence.has('bios'));
  presence.stop();
});

test('whether the package stands in for a name is seen in its folder, not taken from a list', async () => {
  using packaged = new Folder();
  assert.equal(await hasPackaged(packaged.path, 'snponly-arm64.efi'), false);
  packaged.write('ipxe-arm64.efi', Buffer.from('x'));
  assert.equal(await hasPackaged(packaged.path, 'snponly-arm64.efi'), true);
  packaged.write('grubx64.efi', Buffer.from('x'));
  assert.equal(await hasPackaged(packaged.path, 'grubx64.efi'), false);
});
