import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Lease } from '../../src/leases/lease.ts';
import { readLeases } from '../../src/leases/read-leases.ts';
import { SqliteLeaseStore } from '../../src/leases/sqlite-store.ts';

test('every lease is read beside the store that writes them, by address; none where there is no file', async () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'leases-'));
  const file = path.join(home, 'leases.sqlite');
  assert.deepEqual(readLeases(file), []);
  const store = new SqliteLeaseStore(file);
  const leases = Array.from(
    { length: 45_000 },
    (_, n): Lease => ({
      address: 7 * n,
      key: `k${n}`,
      mac: '',
      hostName: 'é',
      state: 'released',
      expires: n,
    }),
  );
  await store.save(leases.toReversed().map((lease) => ({ kind: 'put', lease })));
  assert.deepEqual(readLeases(file), leases);
  await store.close();
  rmSync(home, { recursive: true });
});
