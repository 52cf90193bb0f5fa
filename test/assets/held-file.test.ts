import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { openJailed } from '../../src/assets/jail.ts';
import { Folder } from './folder.ts';

const OLD = 'the old content';
const NEW = 'the new content';

/** Content and time of modification are exchanged for others of the same size, and the time is set back. */
function setBack(folder: Folder, rewrite: () => void): void {
  const { atime, mtime } = statSync(folder.at('vmlinuz'));
  rewrite();
  utimesSync(folder.at('vmlinuz'), atime, mtime);
}

/** What is done to a file that is being sent, and whether it is the same file after that. */
const DONE: [what: string, unchanged: boolean, act: (folder: Folder) => void][] = [
  ['nothing', true, () => {}],
  ['read by others', true, (folder) => void execFileSync('cat', [folder.at('vmlinuz')])],
  ['replaced by mv', true, (folder) => renameSync(folder.write('new', NEW), folder.at('vmlinuz'))],
  ['moved away', true, (folder) => renameSync(folder.at('vmlinuz'), folder.at('vmlinuz.old'))],
  ['deleted', true, (folder) => rmSync(folder.at('vmlinuz'))],
  ['deleted with its folder', true, (folder) => rmSync(folder.path, { recursive: true })],
  ['overwritten', false, (folder) => writeFileSync(folder.at('vmlinuz'), NEW)],
  ['overwritten with the same', false, (folder) => writeFileSync(folder.at('vmlinuz'), OLD)],
  ['appended to', false, (folder) => appendFileSync(folder.at('vmlinuz'), 'x')],
  ['cut off', false, (folder) => truncateSync(folder.at('vmlinuz'), 3)],
  ['touched', false, (folder) => utimesSync(folder.at('vmlinuz'), 1, 1)],
  ['cut off and made as long again', false, (folder) => setBack(folder, () => {
    truncateSync(folder.at('vmlinuz'), 0);
    truncateSync(folder.at('vmlinuz'), OLD.length);
  })],
  ['overwritten, and its time of modification set back', false, (folder) =>
    setBack(folder, () => writeFileSync(folder.at('vmlinuz'), NEW))],
  ['overwritten by cp -p with a file of the same size and time', false, (folder) => {
    const { atime, mtime } = statSync(folder.at('vmlinuz'));
    utimesSync(folder.write('new', NEW), atime, mtime);
    execFileSync('cp', ['-p', folder.at('new'), folder.at('vmlinuz')]);
  }],
  ['overwritten by dd without cutting it off', false, (folder) => setBack(folder, () =>
    execFileSync('sh', ['-c', `printf X | dd of=${folder.at('vmlinuz')} bs=1 seek=5 conv=notrunc 2>&1`]))],
  ['given a hole', false, (folder) => setBack(folder, () =>
    execFileSync('fallocate', ['--punch-hole', '--offset', '0', '--length', '4', folder.at('vmlinuz')]))],
  ['given other rights', false, (folder) => chmodSync(folder.at('vmlinuz'), 0o600)],
  ['given a second name', false, (folder) => linkSync(folder.at('vmlinuz'), folder.at('second'))],
]; // biome-ignore format: a table

for (const [what, unchanged, act] of DONE) {
  test(`a file that was ${what} ${unchanged ? 'is the same' : 'has changed'}`, async () => {
    using folder = new Folder();
    folder.write('vmlinuz', OLD);
    const { file } = await openJailed({ root: folder.path, links: 'inside' }, 'vmlinuz');
    await using _ = file.handle;
    act(folder);
    assert.equal(await file.isUnchanged(), unchanged);
    assert.equal(await file.isUnchanged(), unchanged, 'asked once more');
  });
}

test('a file that was replaced, and written to behind its name, has changed', async () => {
  using folder = new Folder();
  mkdirSync(folder.at('sub'));
  folder.write('vmlinuz', OLD);
  linkSync(folder.at('vmlinuz'), folder.at('sub/second'));
  const { file } = await openJailed({ root: folder.path, links: 'inside' }, 'vmlinuz');
  await using _ = file.handle;
  renameSync(folder.write('new', NEW), folder.at('vmlinuz'));
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => file.isUnchanged())), [true, true, true]);
  const { atime, mtime } = statSync(folder.at('sub/second'));
  cpSync(folder.at('vmlinuz'), folder.at('sub/second'));
  utimesSync(folder.at('sub/second'), atime, mtime);
  assert.equal(await file.isUnchanged(), false);
});

test('two versions have two keys, however alike their sizes and their times of modification are', async () => {
  using folder = new Folder();
  const keys = new Set<string>();
  const when = new Date('2026-01-01');
  for (let round = 0; round < 5; round++) {
    writeFileSync(folder.at('vmlinuz'), `version ${round}`);
    utimesSync(folder.at('vmlinuz'), when, when);
    const { file } = await openJailed({ root: folder.path, links: 'inside' }, 'vmlinuz');
    keys.add(file.version.key);
    await file.handle.close();
  }
  assert.equal(keys.size, 5);
});
