import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { provideSystem } from '../../demo/images.ts';
import { Folder } from '../assets/folder.ts';
import { bzImage, gzippedCpio } from '../assets/headers.ts';

const OWN = ['demo-initrd.img', 'demo-vmlinuz'];

/** What the image build has made. */
function made(): Folder {
  const folder = new Folder();
  folder.write('vmlinuz', bzImage());
  folder.write('initrd.img', gzippedCpio);
  return folder;
}

test('where there is no kernel, the demo’s kernel and initrd are put, and nothing else', async () => {
  using from = made();
  using images = new Folder();
  images.write('README.md', '# images');
  assert.deepEqual(await provideSystem(images.path, from.path, undefined), { whose: 'demo' });
  assert.deepEqual(readdirSync(images.path).sort(), ['README.md', ...OWN]);
  assert.deepEqual(readFileSync(images.at('demo-vmlinuz')), readFileSync(from.at('vmlinuz')));
});

test('files that are there from the last time stay as they are', async () => {
  using from = made();
  using images = new Folder();
  images.write('demo-vmlinuz', bzImage());
  images.write('demo-initrd.img', 'changed by somebody');
  assert.deepEqual(await provideSystem(images.path, from.path, undefined), { whose: 'demo' });
  assert.equal(readFileSync(images.at('demo-initrd.img'), 'utf8'), 'changed by somebody');
});

test('one of the two without the other is put anew together with it', async () => {
  using from = made();
  using images = new Folder();
  images.write('demo-vmlinuz', 'of another build');
  await provideSystem(images.path, from.path, undefined);
  assert.deepEqual(readdirSync(images.path).sort(), OWN);
  assert.deepEqual(readFileSync(images.at('demo-vmlinuz')), readFileSync(from.at('vmlinuz')));
});

test('where the user has a kernel, or has named one, images/ is let be', async () => {
  using from = made();
  using images = new Folder();
  assert.deepEqual(await provideSystem(images.path, from.path, 'debian/vmlinuz'), {
    whose: 'user',
    kernel: 'debian/vmlinuz',
  });
  images.write('bzImage', bzImage());
  assert.deepEqual(await provideSystem(images.path, from.path, undefined), {
    whose: 'user',
    kernel: 'bzImage',
  });
  assert.deepEqual(readdirSync(images.path), ['bzImage']);
});

test('a file that cannot be read may be the user’s kernel', async () => {
  using from = made();
  using images = new Folder();
  symlinkSync(from.at('vmlinuz'), images.at('vmlinuz'));
  assert.deepEqual(await provideSystem(images.path, from.path, undefined), {
    whose: 'user',
    kernel: 'vmlinuz',
  });
  assert.deepEqual(readdirSync(images.path), ['vmlinuz']);
});

test('a folder that is not there is an error that names it', async () => {
  using from = made();
  using images = new Folder();
  rmSync(images.path, { recursive: true });
  await assert.rejects(
    provideSystem(images.path, from.path, undefined),
    /images\/ cannot be read: .*no such file/,
  );
});
