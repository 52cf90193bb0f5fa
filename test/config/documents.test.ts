import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { envExample, TABLE_MARKS, withTable } from '../../src/config/documents.ts';
import { readSettings } from '../../src/config/settings.ts';
import { variables } from '../../src/config/variables.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const names = Object.keys(variables).sort();

test('.env.example is what the variables say (npm run settings writes it)', () => {
  assert.equal(read('.env.example'), envExample());
});

test('the README’s table is what the variables say (npm run settings writes it)', () => {
  const readme = read('README.md');
  assert.ok(readme.includes(TABLE_MARKS[0]));
  assert.equal(readme, withTable(readme));
});

test('compose.yaml passes every variable, and none that does not exist', () => {
  const [, environment = ''] = /environment: &settings\n((?: {4}.*\n)+)/.exec(read('compose.yaml')) ?? [];
  const passed = [...environment.matchAll(/^ {4}([A-Z_0-9]+):/gm)].map(([, name]) => name);
  assert.deepEqual(passed.toSorted(), names);
});

test('every line of .env.example is right once it is taken in, all together', () => {
  const lines = envExample()
    .split('\n')
    .filter((line) => /^# [A-Z_0-9]+=/.test(line) && !line.startsWith('# LOADER_SHA256='))
    .map((line) => line.slice(2));
  assert.equal(lines.length, names.length - 1);
  const result = readSettings(parseEnv(lines.join('\n')));
  assert.ok('settings' in result, JSON.stringify(result));
});
