import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECORDS = 'docs/decisions';
const SCRIPTS = `${RECORDS}/reproduce`;

const read = (file: string) => readFileSync(ROOT + file, 'utf8');
const records = readdirSync(ROOT + RECORDS)
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: read(`${RECORDS}/${file}`) }));

/** ```console blocks: one command and all that it prints. */
const shown = records.flatMap(({ file, text }) =>
  [...text.matchAll(/^```console\n\$ node (\S+)\n(.*?)^```$/gms)].map(([, script = '', output = '']) => ({
    file,
    script,
    output,
  })),
);

test('every script that reproduces a defect is shown in a record', () => {
  const scripts = readdirSync(ROOT + SCRIPTS).filter((file) => file.endsWith('.mjs'));
  assert.ok(scripts.length > 8);
  assert.deepEqual(
    shown.map(({ script }) => script).sort(),
    scripts.map((file) => `${SCRIPTS}/${file}`).sort(),
  );
});

describe('the pinned packages still have the defects that keep them from serving', { concurrency: 3 }, () => {
  for (const { file, script, output } of shown) {
    test(`${script} prints what ${file} shows`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [script], {
        cwd: ROOT,
        timeout: 20_000,
      });
      assert.equal(stdout, output);
    });
  }
});

test('every test that a record names is there', () => {
  const named = records.flatMap(({ file, text }) => {
    const parts = text.replace(/\s+/g, ' ').split(/`(test\/[^`]+\.test\.ts)`/);
    // Split by a group: text, file, text, file … The names after a file belong to it.
    return parts.flatMap((part, at) =>
      at % 2 === 1
        ? [...(parts[at + 1] ?? '').matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, in: part, name }))
        : [],
    );
  });
  assert.ok(named.length > 30);
  for (const { file, in: tests, name } of named) {
    assert.ok(read(tests).includes(name), `${file} names “${name}”, which ${tests} has not`);
  }
});

test('every file that a record names is there, and links lead somewhere', () => {
  for (const { file, text } of records) {
    for (const [, path = ''] of text.matchAll(/`((?:src|test|docs)\/[\w./-]+\.\w+)`/g)) read(path);
    for (const [, target = ''] of text.matchAll(/\]\(([\w-]+\.md)\)/g)) read(`${RECORDS}/${target}`);
    assert.ok(text.split('\n').length <= 90, `${file} is longer than 90 lines`);
  }
});
