import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type DatabaseOptions, numberOf, openDatabase } from '../../src/platform/database.ts';

const OPTIONS: DatabaseOptions = {
  synchronous: 'NORMAL',
  busyTimeout: 0,
  version: 3,
  schema: 'CREATE TABLE thing (id INTEGER PRIMARY KEY, text TEXT)',
  keepAside: 2,
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'database [1]-'));
  file = path.join(folder, 'things.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

const aside = () => readdirSync(folder).filter((name) => /set-aside-[\dT-]+$/.test(name));

function fill(): void {
  const { database } = openDatabase(file, OPTIONS);
  database.exec("INSERT INTO thing (text) SELECT hex(randomblob(500)) FROM json_each('[1,2,3,4,5,6,7,8,9]')");
  database.close();
}

test('a new database has its tables and its version, and is opened again as it is', () => {
  const first = openDatabase(file, OPTIONS);
  assert.equal(first.fresh, true);
  first.database.close();
  fill();
  const { database, fresh, setAside } = openDatabase(file, OPTIONS);
  assert.deepEqual([fresh, setAside], [false, undefined]);
  assert.equal(numberOf(database, 'SELECT count(*) FROM thing'), 9);
  assert.equal(numberOf(database, 'PRAGMA user_version'), 3);
  database.close();
});

test('one that is cut off in its midst is set aside as it is', () => {
  fill();
  truncateSync(file, 8192);
  const { database, setAside } = openDatabase(file, OPTIONS);
  assert.equal(setAside?.why, 'damaged');
  assert.equal(readFileSync(setAside.file).length, 8192);
  assert.equal(numberOf(database, 'SELECT count(*) FROM thing'), 0);
  database.close();
});

test('one of another version is set aside', () => {
  fill();
  const { database, setAside } = openDatabase(file, { ...OPTIONS, version: 4 });
  assert.equal(setAside?.why, 'version');
  database.close();
});

test('of those that were set aside the newest are kept', () => {
  for (let time = 0; time < 4; time++) {
    writeFileSync(`${file}.set-aside-170000000000${time}`, 'old');
    writeFileSync(`${file}.set-aside-170000000000${time}-wal`, 'old');
  }
  writeFileSync(file, 'no database '.repeat(100));
  const { database, setAside } = openDatabase(file, OPTIONS);
  assert.deepEqual(aside(), ['things.sqlite.set-aside-1700000000003', path.basename(setAside!.file)]);
  assert.ok(!readdirSync(folder).includes('things.sqlite.set-aside-1700000000001-wal'));
  database.close();
});

test('one that somebody else holds is not set aside, but refused', () => {
  fill();
  const other = openDatabase(file, OPTIONS).database;
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM thing');
  assert.throws(() => openDatabase(file, OPTIONS), /locked/);
  assert.deepEqual(aside(), []);
  other.close();
});
