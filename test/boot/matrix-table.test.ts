import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { groups } from './matrix/scenarios.ts';
import { withMatrix } from './matrix/table.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const names = groups.flatMap(({ scenarios }) => scenarios.map(({ name }) => name));

test('the table has seconds and day of each scenario, and says which failed', () => {
  const results = new Map(names.map((name, n) => [name, n === 1 ? undefined : n + 0.3]));
  const document = withMatrix('a\n<!-- matrix -->old<!-- /matrix -->\nb', groups, results, '2026-01-02');
  const lines = document.split('\n');
  assert.equal(lines[0], 'a');
  assert.equal(lines.at(-1), 'b');
  assert.ok(lines.includes(`| ${names[0]} | 0.3 | 2026-01-02 |`));
  assert.ok(lines.includes(`| ${names[1]} | failed | 2026-01-02 |`));
  assert.ok(!document.includes('old'));
});

test('a document without the marks is refused', () => {
  assert.throws(() => withMatrix('a', groups, new Map(), ''), /<!-- matrix -->/);
});

test('the README shows every scenario, in order, and none failed', () => {
  const [, table = ''] = /<!-- matrix -->\n(.*)<!-- \/matrix -->/s.exec(README) ?? [];
  const rows = table.trim().split('\n').slice(2);
  assert.deepEqual(
    rows.map((row) => row.split(' | ')[0]),
    names.map((name) => `| ${name}`),
  );
  for (const row of rows) assert.match(row, /\| \d+\.\d \| \d{4}-\d\d-\d\d \|$/);
});
