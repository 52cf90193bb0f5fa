import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { printable, say, wrap } from '../../../src/protocol/ipxe/screen.ts';
import { readScript } from './model.ts';

test('paragraphs are wrapped at words and fit a text console', () => {
  const lines = wrap('word '.repeat(40));
  assert.ok(lines.every((line) => line.length <= 78));
  assert.equal(lines.join(' '), 'word '.repeat(40).trim());
  assert.deepEqual(wrap('x'.repeat(90)), ['x'.repeat(90)]);
});

test('text is shown as it is: no setting is expanded, no escape sequence reaches the screen', () => {
  assert.equal(printable('a ${net0/mac} \u001b[2J ü 5$'), 'a ?{net0/mac} ?[2J ? 5$');
});

test('whatever the text, it is only ever printed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const lines = readScript(['#!ipxe', ...say(text), ''].join('\n')).slice(1);
      for (const { label, commands } of lines) {
        assert.equal(label, undefined);
        assert.equal(commands.length, 1);
        assert.equal(commands[0]!.argv[0], 'echo');
      }
    }),
  );
});

test('a line that starts with a hyphen is no option of echo', () => {
  assert.deepEqual(say('-n text'), ['echo -- -n text']);
});

test('an empty paragraph is an empty line', () => {
  assert.deepEqual(say(''), ['echo']);
});
