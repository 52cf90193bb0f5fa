import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { GeneratedName } from '../../src/boot/generated.ts';
import { withMark } from '../../src/boot/script-mark.ts';
import { GeneratedFile } from '../../src/http/generated-file.ts';
import type { Event } from '../../src/journal/event.ts';
import { Folder } from '../assets/folder.ts';
import { requires } from '../lab/requires.ts';

const first = withMark('#!ipxe\nkernel a\n');
const second = withMark('#!ipxe\nkernel b\n');

function owner(images: string, name: GeneratedName = 'infrakit.ipxe') {
  const events: Event[] = [];
  return {
    file: new GeneratedFile(images, name, (event) => events.push(event)),
    events,
    kinds: () => events.map(({ kind }) => kind),
  };
}

const content = (folder: Folder) => readFileSync(folder.at('infrakit.ipxe'), 'utf8');

test('an absent script is written, whole, with nothing beside it', async () => {
  using folder = new Folder();
  const { file, events } = owner(folder.path);
  assert.deepEqual(await file.update(first), { text: first, made: 'generated' });
  assert.equal(content(folder), first);
  assert.deepEqual(readdirSync(folder.path), ['infrakit.ipxe']);
  assert.deepEqual(events, [{ kind: 'http.script.written', path: folder.at('infrakit.ipxe'), again: false }]);
});

test('an unedited script follows what it boots, and that is said', async () => {
  using folder = new Folder();
  const { file, events } = owner(folder.path);
  await file.update(first);
  await file.update(first);
  await file.update(second);
  assert.equal(content(folder), second);
  assert.equal(events.length, 2);
  assert.deepEqual(events[1], { kind: 'http.script.written', path: folder.at('infrakit.ipxe'), again: true });
});

test('an edited script is left alone and served as it is; once it is said what differs', async () => {
  using folder = new Folder();
  const { file, events } = owner(folder.path);
  await file.update(first);
  const edited = first.replace('kernel a', 'kernel mine');
  folder.write('infrakit.ipxe', edited);
  assert.deepEqual(await file.update(first), { text: edited, made: 'edited' });
  assert.deepEqual(await file.update(first), { text: edited, made: 'edited' });
  assert.equal(content(folder), edited);
  assert.deepEqual(events.slice(1), [
    {
      kind: 'http.script.edited',
      path: folder.at('infrakit.ipxe'),
      line: 3,
      edited: 'kernel mine',
      generated: 'kernel a',
    },
  ]);
});

test('an edited script stays when what it boots changes', async () => {
  using folder = new Folder();
  const { file } = owner(folder.path);
  folder.write('infrakit.ipxe', '#!ipxe\nshell\n');
  assert.equal((await file.update(second)).made, 'edited');
  assert.equal(content(folder), '#!ipxe\nshell\n');
});

test('an edited script that is deleted is made anew', async () => {
  using folder = new Folder();
  const { file, kinds } = owner(folder.path);
  folder.write('infrakit.ipxe', '#!ipxe\nshell\n');
  await file.update(first);
  rmSync(folder.at('infrakit.ipxe'));
  assert.equal((await file.update(first)).made, 'generated');
  assert.deepEqual(kinds(), ['http.script.edited', 'http.script.written']);
});

test('what stands in the way of the script is never overwritten: the script comes from memory, and that is said once', async () => {
  for (const block of [
    (path: string) => mkdirSync(path),
    (path: string) => symlinkSync('/etc/hostname', path),
    (path: string) => execFileSync('mkfifo', [path]),
    (path: string) => writeFileSync(path, Buffer.alloc(2 * 1024 * 1024, 'x')),
  ]) {
    using folder = new Folder();
    block(folder.at('infrakit.ipxe'));
    const { file, kinds } = owner(folder.path);
    assert.deepEqual(await file.update(first), { text: first, made: 'generated' });
    await file.update(second);
    assert.deepEqual(kinds(), ['http.script.unwritable']);
  }
});

test(
  'a read-only images/ is served from memory, said once',
  requires('root', 'mount', 'umount'),
  async () => {
    using folder = new Folder();
    mkdirSync(folder.at('images'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', folder.at('images')]);
    try {
      const { file, events } = owner(folder.at('images'));
      assert.equal((await file.update(first)).text, first);
      assert.equal((await file.update(second)).text, second);
      assert.equal(events.length, 1);
      const [event] = events;
      assert.ok(event?.kind === 'http.script.unwritable');
      assert.match(event.reason, /read-only/);
    } finally {
      execFileSync('umount', [folder.at('images')]);
    }
  },
);

test('what a killed writer left behind is removed at the start', async () => {
  using folder = new Folder();
  folder.write('.infrakit.ipxe.0123456789ab.remoteboot-part', 'half');
  await owner(folder.path).file.start();
  assert.deepEqual(readdirSync(folder.path), []);
});

test('the folder of grub.cfg is made when absent, and one that is there is kept with what is in it', async () => {
  using folder = new Folder();
  const { file } = owner(folder.path, 'grub/grub.cfg');
  await file.update(first);
  assert.deepEqual(readdirSync(folder.at('grub')), ['grub.cfg']);
  folder.write('grub/font.pf2', 'x');
  await file.update(second);
  assert.deepEqual(readdirSync(folder.at('grub')).sort(), ['font.pf2', 'grub.cfg']);
  assert.equal(readFileSync(folder.at('grub/grub.cfg'), 'utf8'), second);
});

test('nothing is written through a folder that is a link, or into images/ that is not there', async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  symlinkSync(elsewhere.path, folder.at('grub'));
  const linked = owner(folder.path, 'grub/grub.cfg');
  assert.deepEqual(await linked.file.update(first), { text: first, made: 'generated' });
  assert.deepEqual(readdirSync(elsewhere.path), []);
  assert.deepEqual(linked.kinds(), ['http.script.unwritable']);
  const gone = owner(folder.at('gone'), 'grub/grub.cfg');
  assert.equal((await gone.file.update(first)).text, first);
  assert.deepEqual(readdirSync(folder.path), ['grub']);
});

test('a grub.cfg of the user’s own is left alone', async () => {
  using folder = new Folder();
  mkdirSync(folder.at('grub'));
  folder.write('grub/grub.cfg', 'menuentry mine {\n}\n');
  const { file, kinds } = owner(folder.path, 'grub/grub.cfg');
  assert.equal((await file.update(first)).made, 'edited');
  assert.deepEqual(kinds(), ['http.script.edited']);
});
