import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssetError, type AssetErrorCode } from '../../src/assets/asset.ts';
import { type Jail, jailedName, openJailed } from '../../src/assets/jail.ts';
import { Folder } from './folder.ts';

const NOBODY = 65_534;

const inside = (folder: Folder): Jail => ({ root: folder.path, links: 'inside' });

async function contentOf(jail: Jail, name: string): Promise<string> {
  const { handle } = (await openJailed(jail, name)).file;
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function refusal(jail: Jail, name: string): Promise<AssetErrorCode> {
  const error = await openJailed(jail, name).then(
    async ({ file }) => {
      await file.handle.close();
      return undefined;
    },
    (reason) => reason,
  );
  assert.ok(error instanceof AssetError, `${JSON.stringify(name)} gave ${error}`);
  return error.code;
}

test('names are taken as firmware writes them', async () => {
  using folder = new Folder();
  mkdirSync(folder.at('grub'));
  folder.write('grub/grub.cfg', 'menu');
  for (const name of [
    'grub/grub.cfg',
    '/grub/grub.cfg',
    '//grub//grub.cfg',
    '\\grub\\grub.cfg',
    './grub/./grub.cfg',
  ]) {
    assert.equal(await contentOf(inside(folder), name), 'menu', name);
  }
});

test('whatever the name, it stays inside, visible and free of control characters, or is refused', () => {
  const part = fc.oneof(fc.constantFrom('..', '.', '/', '\\', '\0', '\n', 'a', '.x', '%2e%2e'), fc.string());
  fc.assert(
    fc.property(
      fc.array(part).map((parts) => parts.join('')),
      (name) => {
        try {
          const parts = jailedName(name).split('/');
          assert.ok(parts.slice(0, -1).every((each) => each !== ''));
          assert.ok(parts.every((each) => !each.startsWith('.')));
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
          assert.ok(parts.every((each) => !/[\u0000-\u001f\u007f\\]/.test(each)));
        } catch (error) {
          assert.ok(error instanceof AssetError, String(error));
        }
      },
    ),
  );
});

test('names that lead out, or to hidden files, are forbidden whether or not there is such a file', async () => {
  using folder = new Folder();
  folder.write('.hidden', 'secret');
  mkdirSync(folder.at('.git'));
  folder.write('.git/config', 'secret');
  for (const name of [
    '../x',
    'a/../../etc/passwd',
    '..\\x',
    '.hidden',
    '.git/config',
    'a\0b',
    'a\nb',
    '..',
  ]) {
    assert.equal(await refusal(inside(folder), name), 'forbidden', name);
  }
});

test('links may point about inside, but not out of the folder and not to hidden files', async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  folder.write('vmlinuz-6.1', 'kernel');
  folder.write('.hidden', 'secret');
  elsewhere.write('secret', 'secret');
  symlinkSync('vmlinuz-6.1', folder.at('vmlinuz'));
  symlinkSync(folder.at('vmlinuz-6.1'), folder.at('absolute'));
  symlinkSync(elsewhere.at('secret'), folder.at('out'));
  symlinkSync(elsewhere.path, folder.at('folder'));
  symlinkSync('.hidden', folder.at('shown'));
  symlinkSync('loop', folder.at('loop'));
  symlinkSync('/etc/hostname', folder.at('etc'));
  assert.equal(await contentOf(inside(folder), 'vmlinuz'), 'kernel');
  assert.equal(await contentOf(inside(folder), 'absolute'), 'kernel');
  for (const name of ['out', 'folder/secret', 'shown', 'etc']) {
    assert.equal(await refusal(inside(folder), name), 'forbidden', name);
  }
  assert.equal(await refusal(inside(folder), 'loop'), 'unreadable');
});

test('a neighbour folder whose name begins alike is outside', async () => {
  using folder = new Folder();
  const neighbour = `${folder.path}-private`;
  mkdirSync(neighbour);
  try {
    execFileSync('sh', ['-c', `echo secret > ${neighbour}/x`]);
    symlinkSync(`${neighbour}/x`, folder.at('x'));
    assert.equal(await refusal(inside(folder), 'x'), 'forbidden');
  } finally {
    rmSync(neighbour, { recursive: true });
  }
});

test('the folder itself may be a link', async () => {
  using folder = new Folder();
  using links = new Folder();
  folder.write('vmlinuz', 'kernel');
  symlinkSync(folder.path, links.at('images'));
  assert.equal(await contentOf({ root: links.at('images'), links: 'inside' }, 'vmlinuz'), 'kernel');
});

test('a trusted folder may link anywhere, as the packages of Debian do', async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  elsewhere.write('ipxe.efi', 'loader');
  symlinkSync(elsewhere.at('ipxe.efi'), folder.at('ipxe.efi'));
  assert.equal(await contentOf({ root: folder.path, links: 'anywhere' }, 'ipxe.efi'), 'loader');
});

test('only regular files are served, and opening any other kind never waits', {
  timeout: 30_000,
}, async () => {
  using folder = new Folder();
  mkdirSync(folder.at('sub'));
  execFileSync('mkfifo', [folder.at('fifo')]);
  const server = net.createServer().listen(folder.at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  for (const name of ['sub', 'sub/', 'fifo', 'socket']) {
    assert.equal(await refusal(inside(folder), name), 'not-a-file', name);
  }
  server.close();
});

test('what a link leads to is not opened before it is known to be a file inside', {
  timeout: 30_000,
}, async () => {
  using folder = new Folder();
  using elsewhere = new Folder();
  execFileSync('mkfifo', [elsewhere.at('fifo'), folder.at('own')]);
  symlinkSync(elsewhere.at('fifo'), folder.at('out'));
  for (const [name, code] of [
    ['out', 'forbidden'],
    ['own', 'not-a-file'],
  ] as const) {
    // It waits for a reader, and dies of one that goes away before anything is written.
    const writer = spawn('sh', ['-c', 'echo waited > "$0"', folder.at(name)], { stdio: 'ignore' });
    while (!readFileSync(`/proc/${writer.pid}/stat`, 'utf8').includes('(sh) S'))
      await new Promise((resolve) => setTimeout(resolve, 5));
    for (let round = 0; round < 20; round++) assert.equal(await refusal(inside(folder), name), code);
    assert.equal(await readFile(folder.at(name), 'utf8'), 'waited\n');
  }
});

test('what is not there is not found', async () => {
  using folder = new Folder();
  folder.write('file', 'x');
  for (const name of ['nothing', 'file/below', 'file/', '', '/', 'n'.repeat(300), 'no/such/folder']) {
    assert.equal(await refusal(inside(folder), name), 'not-found', name.slice(0, 20));
  }
  assert.equal(await refusal({ root: folder.at('gone'), links: 'inside' }, 'x'), 'not-found');
});

test('a file without permission is unreadable, and the message says what to do', async () => {
  using folder = new Folder();
  folder.write('vmlinuz', 'kernel');
  chmodSync(folder.path, 0o755);
  const root = process.getuid?.() === 0;
  chmodSync(folder.at('vmlinuz'), root ? 0o600 : 0);
  if (root) process.seteuid?.(NOBODY);
  try {
    await assert.rejects(
      openJailed(inside(folder), 'vmlinuz'),
      /vmlinuz may not be read .*mode 0[06]00 .*chmod a\+r rb-assets-[^/]+\/vmlinuz/,
    );
  } finally {
    if (root) process.seteuid?.(0);
  }
});

test('a file whose time stamp is too young to tell versions apart is not served', async (context) => {
  using folder = new Folder();
  folder.write('growing', 'x', 0);
  context.mock.timers.enable({ apis: ['Date'], now: statSync(folder.at('growing')).ctimeMs + 5 });
  await assert.rejects(openJailed(inside(folder), 'growing'), /being written/);
  context.mock.timers.tick(20);
  const { handle } = (await openJailed(inside(folder), 'growing')).file;
  await handle.close();
});

test('refusals leave no descriptor open', async () => {
  using folder = new Folder();
  symlinkSync('/etc/hostname', folder.at('out'));
  mkdirSync(folder.at('sub'));
  const before = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 20; round++) {
    await refusal(inside(folder), 'out');
    await refusal(inside(folder), 'sub');
  }
  assert.ok(readdirSync('/proc/self/fd').length < before + 10);
});
