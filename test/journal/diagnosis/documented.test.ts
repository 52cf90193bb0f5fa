import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SIGNATURES } from '../../../src/journal/diagnosis/signatures.ts';

const codes = [...new Set(SIGNATURES.map(({ code }) => code))].sort();
const page = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
/** Headings of one word, whose anchor is the word itself. */
const sections = [...page.matchAll(/^#### (\S+)\n\n(.+)\n\n(.+)\n/gm)];

test('every signature has a section in docs/troubleshooting.md, and every section a signature', () => {
  assert.ok(codes.length >= 20);
  assert.deepEqual(sections.map(([, code]) => code).sort(), codes);
});

test('a code can be the anchor of its section', () => {
  for (const code of codes) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
});

test('every signature is produced by a test', () => {
  const folder = new URL('.', import.meta.url);
  const tests = readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  for (const code of codes)
    assert.match(tests, new RegExp(`'(failed|suspect|unknown) ${code} at [a-z]+'`), code);
});
