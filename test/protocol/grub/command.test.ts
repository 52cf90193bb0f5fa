import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { filePath, quote, say } from '../../../src/protocol/grub/command.ts';
import { readLine } from './model.ts';

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '$x',
        '${x}',
        '#',
        ' ',
        ';',
        '|',
        '&',
        '{',
        '}',
        '*',
        '?',
        '\n',
        '\0',
        'done',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Control characters have no place in a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
const shown = (text: string) => text.replace(/[\u0000-\u001f\u007f]/g, '?');

test('whatever the text, GRUB takes a quoted word as this one word', () => {
  fc.assert(
    fc.property(nasty, nasty, (first, second) => {
      assert.deepEqual(readLine(`linux ${quote(first)} ${quote(second)}; boot`), [
        { word: 'linux' },
        { word: shown(first) },
        { word: shown(second) },
        { end: ';' },
        { word: 'boot' },
      ]);
    }),
  );
});

test('plain words stay as people write them, reserved ones do not', () => {
  assert.equal(quote('console=ttyS0,115200n8'), 'console=ttyS0,115200n8');
  assert.equal(quote('done'), "'done'");
  assert.equal(quote("it's"), "'it'\\''s'");
  assert.equal(quote(''), "''");
});

test('files are named from the root of where GRUB came from', () => {
  assert.equal(filePath('debian/vmlinuz'), '/debian/vmlinuz');
  assert.equal(filePath('my kernel'), "'/my kernel'");
});

test('a paragraph is shown in lines that fit the screen, with nothing in it expanded', () => {
  const lines = say(`-n $x ${'word '.repeat(40)}it's`);
  assert.ok(lines.length > 2);
  for (const line of lines) {
    const [echo, text, ...more] = readLine(line);
    assert.deepEqual(echo, { word: 'echo' });
    assert.ok(text && 'word' in text && text.word.length <= 79 && !text.word.includes('<'), line);
    assert.ok(!text.word.startsWith('-'), 'no option of echo');
    assert.deepEqual(more, []);
  }
});
