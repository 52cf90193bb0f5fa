import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { choose } from '../../src/assets/choose.ts';
import { openJailed } from '../../src/assets/jail.ts';
import { Surveyor } from '../../src/assets/survey.ts';
import { besideScript } from '../../src/protocol/ipxe/url.ts';
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

test('a file with a name that no machine can ask for is not offered, and the remedy is told', async () => {
  using folder = new Folder();
  for (const name of ['back\\slash', 'new\nline', 'vmlinuz']) folder.write(name, bzImage());
  writeFileSync(Buffer.concat([Buffer.from(folder.at('k')), Buffer.from([0xfc])]), bzImage());
  const survey = await look(new Surveyor({ folder: folder.path }));
  assert.deepEqual(kinds(survey), [['vmlinuz', 'kernel']]);
  assert.deepEqual(survey.unreadable.map(({ name }) => name).toSorted(), [
    'back\\slash',
    'k\ufffd',
    'new\nline',
  ]);
  for (const { why } of survey.unreadable) assert.match(why, /no machine can ask for it: rename it$/);
});

test('whatever the name of a file that is offered, that name asks for it', async () => {
  using folder = new Folder();
  const names = [
    'a b',
    '%',
    '..%2f'.slice(2),
    'a#b',
    'a?b',
    '\'"$`',
    '${net0}',
    '||',
    'ü',
    'u\u0308',
    '-x',
    '#!',
    '\u202egnp',
    'n'.repeat(255),
  ];
  for (const name of names) folder.write(name, bzImage());
  const survey = await look(new Surveyor({ folder: folder.path }));
  assert.equal(survey.found.length, names.length);
  for (const { name } of survey.found) {
    const { file } = await openJailed({ root: folder.path, links: 'inside' }, name);
    await file.handle.close();
    assert.equal(decodeURIComponent(new URL(besideScript(name), 'http://x/').pathname), `/${name}`);
  }
});

test('a kernel that is shorter than its header says is told to be cut off', async () => {
  using folder = new Folder();
  const whole = bzImage();
  whole.writeUInt8(3, 0x1f1);
  whole.writeUInt32LE((whole.length - 2048) / 16, 0x1f4);
  folder.write('whole', whole);
  folder.write('short', whole.subarray(0, whole.length - 1));
  const { found } = await look(new Surveyor({ folder: folder.path }));
  assert.deepEqual(
    found.map(({ name, cutOff }) => [name, cutOff]),
    [
      ['short', 'its header tells of 65536 bytes, and there are 65535'],
      ['whole', undefined],
    ],
  );
  const choice = choose(found, { kernel: 'short', initrd: [] });
  assert.ok(choice.ready);
  assert.match(choice.notes.join(), /^short is cut off: .* copy it to images\/ once more$/);
});

test('a folder that is not there is told as such', async () => {
  const survey = await new Surveyor({ folder: '/nonexistent/images' }).look();
  assert.ok(!survey.readable);
  assert.match(survey.reason, /\/nonexistent\/images: no such file/);
});
