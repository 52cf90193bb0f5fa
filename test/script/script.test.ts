import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Choice } from '../../src/assets/choose.ts';
import { bootScript } from '../../src/boot/script.ts';
import { splitArguments } from '../../src/protocol/ipxe/command.ts';
import { readScript } from '../protocol/ipxe/model.ts';
import { ready, settings } from './choices.ts';

const missing: Choice = { ready: false, reason: 'there is no kernel', remedy: 'put one there' };

function commandsOf(text: string, name: string): string[][] {
  return readScript(text).flatMap(({ commands }) =>
    commands.filter(({ argv }) => argv[0] === name).map(({ argv }) => [...argv]),
  );
}

test('the script fetches kernel and initrd from beside itself, be that HTTP or TFTP, and boots', () => {
  const text = bootScript(settings('console=ttyS0 quiet'), ready('vmlinuz', 'initrd.img'));
  assert.deepEqual(commandsOf(text, 'kernel'), [
    ['kernel', 'vmlinuz', 'initrd=initrd.img', 'console=ttyS0', 'quiet'],
  ]);
  assert.deepEqual(commandsOf(text, 'initrd'), [['initrd', '--name', 'initrd.img', 'initrd.img']]);
  assert.deepEqual(commandsOf(text, 'boot'), [['boot']]);
});

test('images of an earlier try are dropped before the kernel is fetched', () => {
  const text = bootScript(settings(), ready('vmlinuz'));
  assert.ok(text.indexOf('imgfree') < text.indexOf('kernel vmlinuz'));
});

test('several initrds keep their order and get names of their own', () => {
  const text = bootScript(settings(), ready('vmlinuz', 'a/initrd', 'b/initrd'));
  assert.deepEqual(commandsOf(text, 'kernel')[0]!.slice(2), ['initrd=initrd', 'initrd=2-initrd']);
  assert.deepEqual(
    commandsOf(text, 'initrd').map((argv) => argv.slice(2)),
    [
      ['initrd', 'a/initrd'],
      ['2-initrd', 'b/initrd'],
    ],
  );
});

test('a CMDLINE that names its initrd itself is not given a second one', () => {
  const text = bootScript(settings('initrd=other ro'), ready('vmlinuz', 'other'));
  assert.deepEqual(commandsOf(text, 'kernel')[0]!.slice(2), ['initrd=other', 'ro']);
});

test('whatever the CMDLINE, the script has the same lines and the kernel gets just those arguments', () => {
  const plain = readScript(bootScript(settings(), ready('vmlinuz', 'initrd.img')));
  const piece = fc.oneof(
    fc.constantFrom(
      '||',
      '&&',
      ';',
      '#',
      ' ',
      '\n',
      '\r',
      '\0',
      '\\',
      '${net0/mac}',
      'goto',
      ':failed',
      '\nboot\n',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const cmdline = fc
    .array(piece, { maxLength: 15 })
    .map((parts) => parts.join(''))
    .filter((text) => !/(^|[\s\0-\x20\x7f])initrd=/.test(text));
  fc.assert(
    fc.property(cmdline, (text) => {
      const lines = readScript(bootScript(settings(text), ready('vmlinuz', 'initrd.img')));
      const at = plain.findIndex(({ commands }) => commands[0]?.argv[0] === 'kernel');
      assert.deepEqual(lines.toSpliced(at, 1).slice(2), plain.toSpliced(at, 1).slice(2));
      assert.deepEqual(lines[at]!.commands, [
        {
          argv: ['kernel', 'vmlinuz', 'initrd=initrd.img', ...splitArguments(text)],
          end: '||',
        },
        { argv: ['goto', 'failed'], end: undefined },
      ]);
    }),
  );
});

test('every step that can fail leads to a message, a pause and another try, never to the firmware', () => {
  for (const choice of [ready('vmlinuz', 'initrd.img'), missing]) {
    const lines = readScript(bootScript(settings(), choice));
    for (const { commands } of lines) {
      const first = commands[0]?.argv[0];
      if (!first || ['echo', 'set', 'goto'].includes(first)) continue;
      assert.equal(commands[0]!.end === undefined, false, `${first} has no alternative`);
    }
    const [absolute, relative, otherwise] = lines.at(-1)!.commands;
    assert.deepEqual(absolute!.argv, ['chain', '--replace', 'http://10.99.0.1/infrakit.ipxe']);
    assert.deepEqual(relative!.argv, ['chain', '--replace', 'infrakit.ipxe']);
    const target = otherwise!.argv[1];
    const from = lines.findIndex(({ label }) => label === target);
    const loop = lines.slice(from).map(({ commands }) => commands[0]?.argv[0]);
    assert.ok(loop.includes('sleep'), 'the loop pauses');
  }
});

test('only commands that an iPXE of 2012 has are used', () => {
  const known = 'imgfree kernel initrd boot set echo sleep shell goto chain iseq'.split(' ');
  for (const choice of [ready('vmlinuz', 'initrd.img'), missing]) {
    for (const { commands } of readScript(bootScript(settings(), choice))) {
      for (const { argv } of commands) assert.ok(known.includes(argv[0] ?? 'boot'), argv.join(' '));
    }
  }
});

test('a machine that cannot boot shows reason and remedy, and lines fit its screen', () => {
  const text = bootScript(settings(), missing);
  assert.match(text, /^echo There is no kernel\.$/m);
  assert.match(text, /^echo What to do on that server: put one there\.$/m);
  for (const line of text.split('\n').filter((candidate) => candidate.startsWith('echo '))) {
    assert.ok(line.length <= 'echo '.length + 78, line);
  }
});

test('file names cannot bring a command into the script', () => {
  const name = 'a\nboot || ${x} #.img';
  const text = bootScript(settings(), ready(name, name));
  assert.equal(readScript(text).length, readScript(bootScript(settings(), ready('a', 'b'))).length);
  assert.equal(commandsOf(text, 'boot').length, 1);
});
