import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { claimFolder } from '../../src/platform/folder-claim.ts';

const SOURCE = fileURLToPath(new URL('../../src/platform/folder-claim.ts', import.meta.url));

test('a folder is one process’s at a time, and leaves no trace of that', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'claim-'));
  const other = () => {
    const script = `import { claimFolder } from ${JSON.stringify(SOURCE)}; process.exit(claimFolder(${JSON.stringify(folder)}) ? 0 : 7)`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script]).status;
  };
  const claim = claimFolder(folder);
  assert.ok(claim);
  assert.equal(other(), 7);
  claim[Symbol.dispose]();
  assert.equal(other(), 0);
  assert.deepEqual(readdirSync(folder), []);
  rmSync(folder, { recursive: true });
  assert.ok(claimFolder(folder), 'one that is not there is nobody’s');
});
