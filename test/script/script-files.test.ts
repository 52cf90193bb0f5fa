import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootScript } from '../../src/boot/script.ts';
import { filesOf } from '../../src/boot/script-files.ts';
import { profileOf } from '../profile.ts';

const SERVERS = ['10.0.0.1', '10.0.0.1:8080'];
const names = (script: string) => filesOf(script, SERVERS).map(({ name }) => name);

test('the files that a script loads are found, with their lines', () => {
  const script = [
    '#!ipxe',
    '# kernel commented-out',
    'kernel --name vm vmlinuz-6 root=/dev/nfs || goto failed',
    'initrd http://10.0.0.1:8080/a%20b/initrd.img && boot',
    'iseq ${arch} arm64 && chain http://10.0.0.1/arm64.ipxe ||',
    'imgfetch /deep/./file',
  ].join('\n');
  assert.deepEqual(filesOf(script, SERVERS), [
    { name: 'vmlinuz-6', line: 3 },
    { name: 'a b/initrd.img', line: 4 },
    { name: 'arm64.ipxe', line: 5 },
    { name: 'deep/./file', line: 6 },
  ]);
});

test('what depends on the machine, or lies elsewhere, is nothing that could be missing here', () => {
  assert.deepEqual(
    names('kernel ${base}/vmlinuz\nkernel http://boot.example/vmlinuz\nsanboot iscsi:x\nboot'),
    [],
  );
});

test('the script that is generated loads what it was made for', () => {
  const choice = {
    ready: true,
    kernel: 'vmlinuz',
    initrds: ['a.img', 'b.img'],
    summary: '',
    notes: [],
  } as const;
  assert.deepEqual(
    [...new Set(names(bootScript(profileOf(), choice)))].filter((name) => name !== 'infrakit.ipxe'),
    ['vmlinuz', 'a.img', 'b.img'],
  );
});
