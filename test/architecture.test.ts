import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** What each folder of src/ may import from, itself aside. Arrows point down only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  platform: ['protocol', 'journal'],
  journal: ['protocol', 'platform', 'config', 'boot', 'assets', 'leases'],
  config: ['protocol', 'platform', 'journal'],
  leases: ['protocol', 'platform', 'journal'],
  assets: ['protocol', 'platform', 'journal', 'config'],
  boot: ['protocol', 'platform', 'journal', 'config', 'assets'],
  dhcp: ['protocol', 'platform', 'journal', 'config', 'leases', 'assets', 'boot'],
  tftp: ['protocol', 'platform', 'journal', 'config', 'assets', 'boot'],
  http: ['protocol', 'platform', 'journal', 'config', 'assets', 'boot', 'leases'],
  commands: ['protocol', 'platform', 'journal', 'config', 'leases', 'assets', 'boot', 'dhcp', 'tftp', 'http'],
  '': [
    'protocol',
    'platform',
    'journal',
    'config',
    'leases',
    'assets',
    'boot',
    'dhcp',
    'tftp',
    'http',
    'commands',
  ],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map((file) => ({ file, text: readFileSync(path.join(SRC, file), 'utf8') }));

const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

function imports({ file, text }: { file: string; text: string }): { from: string; typeOnly: boolean }[] {
  const statements = text.matchAll(
    /(import|export) (type )?[^;'"]*?from '([^']+)'|import\('([^']+)'\)|new URL\('(\.[^']+)'/g,
  );
  return [...statements].map(([, , type, from, dynamic, url]) => {
    const name = from ?? dynamic ?? url ?? '';
    const resolved = name.startsWith('.') ? path.join(path.dirname(file), name) : name;
    return { from: resolved, typeOnly: type !== undefined };
  });
}

test('there are sources to look at', () => {
  assert.ok(files.length > 50);
});

test('arrows between folders point down only, and services never import each other', () => {
  for (const source of files) {
    const folder = folderOf(source.file);
    const allowed = MAY_IMPORT[folder];
    assert.ok(allowed, `src/${folder} is not in the table`);
    for (const { from } of imports(source)) {
      if (!from.endsWith('.ts')) continue;
      const target = folderOf(from);
      assert.ok(target === folder || allowed.includes(target), `${source.file} imports ${from}`);
    }
  }
});

test('protocol/ has no I/O: it imports nothing but itself', () => {
  for (const source of files.filter(({ file }) => file.startsWith('protocol/'))) {
    for (const { from } of imports(source))
      assert.ok(from.startsWith('protocol/'), `${source.file} imports ${from}`);
  }
});

test('below the services only types are taken from config/, so that a part can be used without it', () => {
  for (const source of files.filter(({ file }) => /^(journal|leases|assets|boot)\//.test(file))) {
    for (const { from, typeOnly } of imports(source)) {
      assert.ok(typeOnly || !from.startsWith('config/'), `${source.file} imports values of ${from}`);
    }
  }
});

test('only main.ts reads the environment or ends the process', () => {
  for (const { file, text } of files) {
    if (file === 'main.ts') continue;
    assert.doesNotMatch(text, /process\.(env|exit|exitCode|argv)\b/, file);
  }
});

test('FFI is in the libc files of platform/ alone, and nothing prints but the log', () => {
  for (const { file, text } of files) {
    if (!/^platform\/libc[\w-]*\.ts$/.test(file)) assert.doesNotMatch(text, /from 'koffi'/, file);
    assert.doesNotMatch(text, /console\./, file);
  }
});

test('no file is longer than 300 lines', () => {
  for (const { file, text } of files) assert.ok(text.split('\n').length <= 300, file);
});
