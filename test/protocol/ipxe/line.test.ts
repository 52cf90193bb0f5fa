import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLine, readLines } from '../../../src/protocol/ipxe/line.ts';
import { readScript } from './model.ts';

test('a line is parted at connectors, and ends at a comment', () => {
  assert.deepEqual(readLine('kernel a b || goto failed && x ; y # z || w'), [
    { words: ['kernel', 'a', 'b'], next: '||' },
    { words: ['goto', 'failed'], next: '&&' },
    { words: ['x'], next: ';' },
    { words: ['y'], next: undefined },
  ]);
});

test('a connector at the end is followed by an empty command, which succeeds', () => {
  assert.deepEqual(readLine('imgfree ||'), [
    { words: ['imgfree'], next: '||' },
    { words: [], next: undefined },
  ]);
});

test('continued lines are one, numbered by their first', () => {
  assert.deepEqual(readLines('a\\\nb\r\nc'), [
    { number: 1, text: 'ab' },
    { number: 3, text: 'c' },
  ]);
});

test('commands are those that the model of iPXE’s own reader finds', () => {
  const token = fc.constantFrom('kernel', '||', '&&', ';', '#x', 'a', '${b}', '\t', '\\');
  fc.assert(
    fc.property(fc.array(fc.array(token, { maxLength: 8 }), { maxLength: 4 }), (lines) => {
      const text = lines.map((tokens) => tokens.join(' ')).join('\n');
      const model = readScript(`#!ipxe\n${text}\nend`)
        .slice(1)
        .flatMap(({ commands }) => commands);
      const read = readLines(`${text}\nend`).flatMap((line) => readLine(line.text));
      const some = read.filter(({ words, next }) => words.length > 0 || next !== undefined);
      assert.deepEqual(
        some.map(({ words, next }) => ({ argv: words, end: next })),
        model,
      );
    }),
  );
});
