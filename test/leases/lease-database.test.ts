import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { Lease, LeaseChange } from '../../src/leases/lease.ts';
import { leasesOfCopy } from '../../src/leases/lease-copy.ts';
import { LeaseDatabase } from '../../src/leases/lease-database.ts';
import type { Dating } from '../../src/leases/redate.ts';

const NOW: Dating = { now: 1_800_000_000, uptime: 100, boot: 'a', longest: 7200 };
const COUNT = 500;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'leases-'));
  file = path.join(folder, 'leases.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const lease = (n: number): Lease => ({
  address: 167_772_160 + n,
  key: `1/52:54:00:00:00:${n}`,
  mac: `52:54:00:00:00:${n}`,
  hostName: `machine-${n}`,
  state: 'bound',
  expires: NOW.now + 3600,
});
const puts = (from: number, to: number): LeaseChange[] =>
  Array.from({ length: to - from }, (_, n) => ({ kind: 'put', lease: lease(from + n) }));
const all = (database: LeaseDatabase, now = NOW) => JSON.parse(database.load(-1, now)) as Lease[];

function made(count = COUNT): LeaseDatabase {
  const database = new LeaseDatabase(file);
  database.load(-1, NOW);
  database.save(puts(0, count));
  return database;
}

test('one that was deleted, renamed or cut off while it was open is begun anew by the next save, under another identity', () => {
  for (const lose of [
    () => rmSync(file),
    () => renameSync(file, `${file}.away`),
    () => truncateSync(file, 3000),
  ]) {
    const database = made();
    database.checkpoint();
    const before = database.identity;
    lose();
    database.save(puts(900, 901));
    assert.notEqual(database.identity, before);
    assert.ok(all(database).some(({ address }) => address === lease(900).address));
    database.close();
  }
});

test('one whose log was deleted while it was open has lost nothing', () => {
  const database = made();
  rmSync(`${file}-wal`);
  database.save(puts(900, 901));
  database.close();
  assert.equal(all(new LeaseDatabase(file)).length, COUNT + 1);
});

test('whatever is damaged, it can be used again, and what is read out of it is what was in it', () => {
  const before = new Map(Array.from({ length: COUNT }, (_, n) => [lease(n).address, lease(n)]));
  let salvaged = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }),
      (where, bytes) => {
        for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
        made().close();
        const at = Math.floor((where / 1000) * statSync(file).size);
        overwrite(at, bytes);
        const database = new LeaseDatabase(file);
        const found = all(database);
        const aside = database.takeSetAside();
        if (aside) salvaged += aside.salvaged;
        for (const one of found) assert.ok(before.has(one.address) || bytes.length > 8);
        database.save(puts(900, 901));
        database.close();
        assert.ok(all(new LeaseDatabase(file)).some(({ address }) => address === lease(900).address));
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(salvaged > 60 * 20, `${salvaged} leases read out of damaged databases`);
});

function overwrite(at: number, bytes: Uint8Array): void {
  const content = new Uint8Array(Math.max(statSync(file).size, at + bytes.length));
  content.set(readAll());
  content.set(bytes, at);
  writeFileSync(file, content);
}

function readAll(): Uint8Array {
  return readFileSync(file);
}

test('of one that is cut off to any length the leases before the cut are read, where its tables are', () => {
  made().close();
  const whole = statSync(file).size;
  const content = readAll();
  const found: number[] = [];
  for (const part of [0, 0.3, 0.6, 0.9]) {
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
    writeFileSync(file, content.subarray(0, Math.floor(whole * part)));
    const database = new LeaseDatabase(file);
    found.push(all(database).length);
    database.close();
  }
  assert.equal(found[0], 0);
  assert.ok(found[3]! > COUNT / 2, `${found}`);
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
});

test('the dates of leases follow the clock of a later start, and none lasts longer than one can', () => {
  made(3).close();
  const later: Dating = { ...NOW, now: 60, uptime: 700 };
  const left = all(new LeaseDatabase(file), later).map(({ expires }) => expires - later.now);
  assert.deepEqual(left, [3000, 3000, 3000]);
  const unknown: Dating = { now: 30, uptime: 5, boot: 'b', longest: 7200 };
  assert.deepEqual(
    all(new LeaseDatabase(file), unknown).map(({ expires }) => expires - unknown.now),
    [7200, 7200, 7200],
  );
});

test('one that cannot be opened is read from a copy, with its log; one that is not there has no leases', () => {
  assert.deepEqual(leasesOfCopy(file, NOW), []);
  const database = made(40);
  assert.equal(leasesOfCopy(file, NOW).length, 40);
  database.close();
  assert.deepEqual(
    readdirSync(os.tmpdir()).filter((name) => name.startsWith('remoteboot-leases-')),
    [],
  );
});
