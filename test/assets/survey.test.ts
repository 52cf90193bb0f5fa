import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { Surveyor } from '../../src/assets/survey.ts';
import { Folder } from './folder.ts';
import { bzImage, gzippedCpio } from './headers.ts';

async function look(surveyor: Surveyor) {
  const survey = await surveyor.look();
  assert.ok(survey.readable, 'it could not be read');
  return survey;
}

const kinds = (survey: Awaited<ReturnType<typeof look>>) =>
  survey.found.map(({ name, file }) => [name, file.kind]);

test('files are found and recognised; folders, hidden files and exceptions are left out', async () => {
  using folder = new Folder();
  folder.write('vmlinuz', bzImage());
  folder.write('initrd.img', gzippedCpio);
  folder.write('README.md', '# images');
  folder.write('.vmlinuz.swp', 'x');
  mkdirSync(folder.at('sub'));
  const survey = await look(new Surveyor({ folder: folder.path, ignored: ['README.md'] }));
  assert.deepEqual(kinds(survey), [
    ['initrd.img', 'initrd'],
    ['vmlinuz', 'kernel'],
  ]);
});

test('a file inside a folder is looked at where it is named', async () => {
  using folder = new Folder();
  mkdirSync(folder.at('debian'));
  folder.write('debian/vmlinuz', bzImage());
  const survey = await look(new Surveyor({ folder: folder.path, also: ['debian/vmlinuz', 'debian/none'] }));
  assert.deepEqual(kinds(survey), [['debian/vmlinuz', 'kernel']]);
});

test('each look sees what has come, gone and changed', async () => {
  using folder = new Folder();
  const surveyor = new Surveyor({ folder: folder.path });
  assert.deepEqual(kinds(await look(surveyor)), []);
  folder.write('boot', bzImage(), 60);
  assert.deepEqual(kinds(await look(surveyor)), [['boot', 'kernel']]);
  folder.write('boot', 'text', 50);
  assert.deepEqual(kinds(await look(surveyor)), [['boot', 'other']]);
  rmSync(folder.at('boot'));
  assert.deepEqual(kinds(await look(surveyor)), []);
});

test('a file that would not be served is not offered, and why is told', async () => {
  using folder = new Folder();
  symlinkSync('/proc/version', folder.at('vmlinuz'));
  symlinkSync('nowhere', folder.at('dangling'));
  const survey = await look(new Surveyor({ folder: folder.path }));
  assert.deepEqual(survey.found, []);
  assert.match(
    survey.unreadable.map(({ why }) => why).join(),
    /vmlinuz is a link to \/proc\/version, outside/,
  );
});

test('a folder that is not there is told as such', async () => {
  const survey = await new Surveyor({ folder: '/nonexistent/images' }).look();
  assert.ok(!survey.readable);
  assert.match(survey.reason, /\/nonexistent\/images: no such file/);
});
