import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { command, orElse, splitArguments } from '../../../src/protocol/ipxe/command.ts';
import { readScript } from './model.ts';

const nasty = fc.oneof(
  fc.constantFrom(
    '||',
    '&&',
    ';',
    '#',
    '#x',
    '\\',
    ' ',
    '\n',
    '\r\n',
    '\0',
    '\t',
    '${net0/mac}',
    ':label',
    '-n',
    '"',
    "'",
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const text = fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join(''));

test('whatever the text, a command is one line with just those arguments', () => {
  fc.assert(
    fc.property(text, (words) => {
      const [, line, ...more] = readScript(`#!ipxe\n${command('kernel', 'http://x/y', words)}\nboot\n`);
      assert.deepEqual(line!.commands, [
        { argv: ['kernel', 'http://x/y', ...splitArguments(words)], end: undefined },
      ]);
      assert.deepEqual(
        more.map(({ commands }) => commands[0]!.argv),
        [['boot']],
      );
    }),
  );
});

test('an alternative runs only where the command fails, whatever its arguments', () => {
  fc.assert(
    fc.property(text, (words) => {
      const [, line] = readScript(`#!ipxe\n${orElse(command('kernel', words), 'goto failed')}\n`);
      assert.deepEqual(
        line!.commands.map(({ end }) => end),
        ['||', undefined],
      );
      assert.deepEqual(line!.commands[1]!.argv, ['goto', 'failed']);
    }),
  );
});

test('settings stay for the machine to expand', () => {
  assert.equal(
    command('echo', 'mac=${net0/mac}  and #1'),
    'echo mac=${net0/mac} and ${remoteboot-nothing}#1',
  );
});

test('control characters only separate', () => {
  assert.deepEqual(splitArguments(' a\u0000b\u001bc\u007fd\r\ne '), ['a', 'b', 'c', 'd', 'e']);
});
