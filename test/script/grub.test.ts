import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Choice } from '../../src/assets/choose.ts';
import { grubConfig } from '../../src/boot/grub.ts';
import { grubArguments } from '../../src/boot/grub-arguments.ts';
import { isUnedited } from '../../src/boot/script-mark.ts';
import { readLine } from '../protocol/grub/model.ts';
import { ready, settings } from './choices.ts';

const missing: Choice = { ready: false, reason: 'there is no kernel', remedy: "put one there, it's easy" };

/** The words of the commands of that name, `if` in front of them left out. */
function wordsOf(text: string, name: string): string[][] {
  return text.split('\n').flatMap((line) => {
    const tokens = readLine(line);
    const end = tokens.findIndex((token) => 'end' in token);
    const words = tokens
      .slice(0, end < 0 ? undefined : end)
      .map((token) => ('word' in token ? token.word : ''));
    const plain = words[0] === 'if' ? words.slice(1) : words;
    return plain[0] === name ? [plain.slice(1)] : [];
  });
}

test('kernel and all initrds come from where GRUB came from', () => {
  const text = grubConfig(settings('console=ttyS0 quiet'), ready('vmlinuz', 'a/initrd.img', 'b c'));
  assert.deepEqual(wordsOf(text, 'linux'), [['/vmlinuz', 'console=ttyS0', 'quiet']]);
  assert.deepEqual(wordsOf(text, 'initrd'), [['/a/initrd.img', '/b c']]);
  assert.equal(wordsOf(text, 'boot').length, 1);
  assert.ok(isUnedited(text));
});

test('a kernel without initrd is started without one', () => {
  const text = grubConfig(settings(), ready('vmlinuz'));
  assert.deepEqual(wordsOf(text, 'initrd'), []);
  assert.equal(wordsOf(text, 'boot').length, 1);
});

test('whatever the CMDLINE, its arguments reach the kernel and nothing else of the file changes', () => {
  const plain = grubConfig(settings(), ready('vmlinuz', 'initrd.img')).split('\n');
  const at = plain.findIndex((line) => line.includes('linux /vmlinuz'));
  const piece = fc.oneof(
    fc.constantFrom('; boot', '#', "'", '\n', '\\', '$(', ' fi', '}', '||', ' ', '$x', '*'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const cmdline = fc
    .array(piece, { maxLength: 12 })
    .map((parts) => parts.join(''))
    .filter((text) => !text.includes('"') && !text.includes('${'));
  fc.assert(
    fc.property(cmdline, (text) => {
      const lines = grubConfig(settings(text), ready('vmlinuz', 'initrd.img')).split('\n');
      assert.deepEqual(lines.toSpliced(at, 1).toSpliced(1, 1), plain.toSpliced(at, 1).toSpliced(1, 1));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they part arguments
      const wanted = text.split(/[\u0000-\u0020\u007f]+/).filter(Boolean);
      assert.deepEqual(wordsOf(lines[at]!, 'linux'), [['/vmlinuz', ...wanted]]);
    }),
  );
});

test('settings of iPXE become variables of GRUB, those that it has not are named', () => {
  const { words, before, lost } = grubArguments(
    'bootif=01-${net0/mac}-x ip=${ip} s=${next-server} u=${uuid} ${hostname} n=${net0/mac:hexhyp}',
  );
  const [line] = [readLine(words.join(' '))];
  assert.deepEqual(
    line.map((token) => 'word' in token && token.word),
    [
      'bootif=01-<net_default_mac>-x',
      'ip=<net_default_ip>',
      's=<net_default_server>',
      'u=<remoteboot_uuid>',
      '',
      'n=',
    ],
  );
  assert.deepEqual(before, ['smbios --type 1 --get-uuid 8 --set remoteboot_uuid']);
  assert.deepEqual(lost, ['${hostname}', '${net0/mac:hexhyp}']);
});

test('quotes that keep blanks together are left to GRUB, others are told', () => {
  const { words, lost } = grubArguments('a="b c" "d=e f" plain g="h');
  assert.deepEqual(words, ["'a=b c'", "'d=e f'", 'plain', 'g=h']);
  assert.deepEqual(lost, []);
  assert.deepEqual(grubArguments('x=\'y\' p=a\\b q=1"2 3"').lost, ["x='y'", 'p=a\\b', 'q=1"2 3"']);
});

test('without a kernel the screen says why and what to do, and the file is read again after a pause', () => {
  const text = grubConfig(settings(), missing);
  assert.match(text, /echo 'There is no kernel\.'/);
  assert.match(text, /echo 'What to do on that server: put one there, it'\\''s easy\.'/);
  assert.match(text, /set remoteboot_pause=5/);
  assert.deepEqual(wordsOf(text, 'linux'), []);
});

test('every try that fails names its step and is followed by a pause and another reading, which does not nest', () => {
  for (const choice of [ready('vmlinuz', 'initrd.img'), missing]) {
    const text = grubConfig(settings(), choice);
    const [outer, inner] = text.split('\nelse\n');
    assert.match(
      outer!,
      /while \[ -n "\$remoteboot_reads" \]; do[\s\S]*source "\$prefix\/grub\.cfg"[\s\S]*sleep --interruptible/,
    );
    assert.doesNotMatch(inner!, /source|configfile|while/);
  }
  const steps = grubConfig(settings(), ready('vmlinuz', 'initrd.img')).matchAll(
    /set remoteboot_step='(.*)'/g,
  );
  assert.deepEqual(
    [...steps].map(([, step]) => step),
    ['load vmlinuz', 'load initrd.img', 'start the kernel'],
  );
});
