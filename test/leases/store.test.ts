import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../../src/leases/lease.ts';
import { MemoryLeaseStore } from '../../src/leases/memory-store.ts';
import { SqliteLeaseStore } from '../../src/leases/sqlite-store.ts';
import { allOf, leaseStoreContract } from './store.contract.ts';

const folder = () => mkdtempSync(path.join(os.tmpdir(), 'leases-'));
const lease: Lease = { address: 1, key: 'a', mac: 'a', hostName: '', state: 'bound', expires: 9 };
const fail = () => assert.fail('nothing befell it');
const unexpected = { setAside: fail, begunAnew: fail, unwritable: fail };

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
  const store = new SqliteLeaseStore(file, { setAside: ({ file: name }) => aside.push(name) });
  assert.deepEqual(await allOf(store), []);
  await store.save([{ kind: 'put', lease }]);
  assert.deepEqual(await allOf(store), [lease]);
  await store.close();
  assert.equal(aside.length, 1);
  assert.ok(existsSync(aside[0]!));
  rmSync(home, { recursive: true });
});

test('a save that cannot reach the disk is refused, and the store works again when it can', async () => {
  const home = folder();
  const file = path.join(home, 'state', 'leases.sqlite');
  writeFileSync(path.dirname(file), 'in the way of a folder');
  const store = new SqliteLeaseStore(file, unexpected);
  await assert.rejects(store.save([{ kind: 'put', lease }]), /EEXIST|ENOTDIR/);
  rmSync(path.dirname(file));
  await store.save([{ kind: 'put', lease }]);
  assert.deepEqual(await allOf(store), [lease]);
  await store.close();
  assert.ok(readdirSync(path.dirname(file)).includes('leases.sqlite'));
  rmSync(home, { recursive: true });
});

const many = (count: number, expires: number) =>
  Array.from({ length: count }, (_, address) => ({
    kind: 'put' as const,
    lease: { ...lease, address, key: `key ${address}`, expires },
  }));

test('the log beside the database stays below 12 MB, however much is saved', async () => {
  const home = folder();
  const file = path.join(home, 'leases.sqlite');
  const store = new SqliteLeaseStore(file, unexpected);
  let largest = 0;
  for (let round = 0; round < 20; round++) {
    await store.save(many(60_000, round));
    largest = Math.max(largest, statSync(`${file}-wal`).size);
  }
  await store.close();
  assert.ok(largest < 12e6, `${largest} bytes`);
  assert.ok(largest > 6e6, `${largest} bytes: the log was taken into the database too often`);
  rmSync(home, { recursive: true });
});

test('when nothing is saved any more, the log is taken into the database', async () => {
  const home = folder();
  const file = path.join(home, 'leases.sqlite');
  const store = new SqliteLeaseStore(file, unexpected);
  await store.save(many(3000, 1));
  assert.ok(statSync(file).size < 40_000);
  const deadline = Date.now() + 30_000;
  while (statSync(file).size < 40_000 && Date.now() < deadline) await sleep(50);
  assert.ok(statSync(file).size >= 40_000);
  await store.close();
  rmSync(home, { recursive: true });
});

test('a database that was made with pages of another size goes on as it is', async () => {
  const home = folder();
  const file = path.join(home, 'leases.sqlite');
  const before = new SqliteLeaseStore(file, unexpected);
  await before.save([{ kind: 'put', lease }]);
  await before.close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM; PRAGMA journal_mode = WAL');
  database.close();
  const store = new SqliteLeaseStore(file, unexpected);
  await store.save([{ kind: 'put', lease: { ...lease, address: 2 } }]);
  assert.deepEqual(await allOf(store), [lease, { ...lease, address: 2 }]);
  await store.close();
  assert.equal(statSync(file).size % 4096, 0);
  rmSync(home, { recursive: true });
});
