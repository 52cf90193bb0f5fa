import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const FETCH = 'internal/deps/undici/undici';

function loadedBy(script: string): string {
  const print = 'process.stdout.write(process.moduleLoadList.join())';
  return execFileSync(process.execPath, ['--input-type=module', '-e', `${script}; ${print}`], {
    encoding: 'utf8',
  });
}

test('node:http is had without the fetch client that an import of it loads', () => {
  const file = new URL('../../src/platform/control.ts', import.meta.url).href;
  const client = new URL('../../src/platform/control-client.ts', import.meta.url).href;
  assert.ok(loadedBy("await import('node:http')").includes(FETCH), 'an import does load it');
  const loaded = loadedBy(`await import('${file}'); await import('${client}')`);
  assert.ok(loaded.includes('NativeModule http'));
  assert.ok(!loaded.includes(FETCH));
});
