import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Lease } from '../../src/leases/lease.ts';
import { MemoryLeaseStore } from '../../src/leases/memory-store.ts';
import { SqliteLeaseStore } from '../../src/leases/sqlite-store.ts';
import { leaseStoreContract } from './store.contract.ts';

const folder = () => mkdtempSync(path.join(os.tmpdir(), 'leases-'));
const lease: Lease = { address: 1, key: 'a', mac: 'a', hostName: '', state: 'bound', expires: 9 };
const unexpected = () => assert.fail('nothing was damaged');

leaseStoreContract('memory', () => {
  const store = new MemoryLeaseStore();
  return { open: () => store, discard() {} };
});

leaseStoreContract('sqlite', () => {
  const home = folder();
  return {
    open: () => new SqliteLeaseStore(path.join(home, 'leases.sqlite'), unexpected),
    discard: () => rmSync(home, { recursive: true }),
  };
});

test('a damaged database is set aside and said, and a new one begun', async () => {
  const home = folder();
  const file = path.join(home, 'leases.sqlite');
  writeFileSync(file, 'this is no database, whatever its name says '.repeat(100));
  const aside: string[] = [];
  const store = new SqliteLeaseStore(file, (name) => aside.push(name));
  assert.deepEqual(await store.load(), []);
  await store.save([{ kind: 'put', lease }]);
  assert.deepEqual(await store.load(), [lease]);
  await store.close();
  assert.equal(aside.length, 1);
  assert.ok(existsSync(aside[0]!));
  rmSync(home, { recursive: true });
});

test('a save that cannot reach the disk is refused, and the store works again when it can', async () => {
  const home = folder();
  const file = path.join(home, 'missing', 'leases.sqlite');
  const store = new SqliteLeaseStore(file, unexpected);
  await assert.rejects(store.save([{ kind: 'put', lease }]), /unable to open/);
  await import('node:fs/promises').then((fs) => fs.mkdir(path.dirname(file)));
  await store.save([{ kind: 'put', lease }]);
  assert.deepEqual(await store.load(), [lease]);
  await store.close();
  assert.ok(readdirSync(path.dirname(file)).includes('leases.sqlite'));
  rmSync(home, { recursive: true });
});
