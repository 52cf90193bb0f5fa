import assert from 'node:assert/strict';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Service } from '../../../src/config/resolve.ts';
import { isRecording, SIGN_LATE_MS, watched } from '../../../src/journal/coverage.ts';
import { HOLD_BACK_MS } from '../../../src/journal/store/journal-reader.ts';
import { MAC, NOW, packet, progress, State, told, written } from './rig.ts';

const SERVICES: readonly Service[] = ['dhcp', 'tftp', 'http'];

test('journals of all services come as one, in order of time', () => {
  const moments = fc.array(fc.nat(50), { maxLength: 20 }).map((list) => list.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(fc.tuple(moments, moments, moments), fc.integer({ min: 1, max: 30 }), (lists, limit) => {
      using state = new State();
      for (const [index, service] of SERVICES.entries()) {
        const database = state.database(service);
        for (const at of lists[index]!) database.write(written([told(at)], NOW + at));
        database.close();
      }
      const read = [];
      for (let part = state.reader.next(limit); part.length > 0; part = state.reader.next(limit)) {
        assert.ok(part.length <= limit);
        read.push(...part);
      }
      const expected = lists
        .flatMap((list, index) => list.map((at) => ({ at: NOW + at, service: SERVICES[index] })))
        .toSorted((a, b) => a.at - b.at);
      assert.deepEqual(
        read.map(({ at, service }) => ({ at, service })),
        expected,
      );
    }),
    { numRuns: 15 },
  );
});

test('an event is held back until the other services have written what they had before it', () => {
  using state = new State();
  const [dhcp, http] = [state.database('dhcp'), state.database('http')];
  http.write(written([told(2)], NOW + 100));
  state.now = NOW + 100 + HOLD_BACK_MS - 1;
  assert.deepEqual(state.read(), []);
  dhcp.write(written([told(1)], NOW));
  state.now += 1;
  assert.deepEqual(state.read(), [told(1), told(2)]);
  dhcp.write(written([told(3)], NOW + 50));
  assert.deepEqual(state.read(), [told(3)], 'one that is later still comes late');
  dhcp.close();
  http.close();
});

test('what a clock that was ahead has stamped holds up nothing', () => {
  using state = new State();
  const database = state.database();
  database.write(written([told(1)], NOW + 86_400_000));
  database.write(written([told(2)], NOW));
  state.now = NOW + HOLD_BACK_MS;
  assert.deepEqual(state.read(), [told(1), told(2)]);
  database.close();
});

test('journals that are not there are no problem, and are read once they are', () => {
  using state = new State();
  assert.deepEqual(state.read(), []);
  assert.deepEqual(state.reader.coverage(), { runs: [], gaps: [] });
  assert.deepEqual(state.reader.recent({ limit: 5 }), []);
  assert.deepEqual(state.reader.packets(MAC, 0, NOW, 5), []);
  assert.deepEqual(state.reader.problems(), []);
  const database = state.database('tftp');
  database.write(written([told(1)], NOW));
  assert.deepEqual(state.read(), [told(1)]);
  database.close();
});

test('a journal in the making is waited for', () => {
  using state = new State();
  const maker = new DatabaseSync(state.file());
  assert.deepEqual(state.read(), []);
  maker.exec('PRAGMA journal_mode = WAL');
  assert.deepEqual(state.read(), []);
  assert.deepEqual(state.reader.problems(), []);
  maker.close();
});

test('a journal that is no database is a problem for as long as it is there, and keeps no other from being read', () => {
  using state = new State();
  writeFileSync(state.file('dhcp'), 'this is no database, whatever its name says '.repeat(100));
  const database = state.database('http');
  database.write(written([told(1)], NOW));
  assert.deepEqual(state.read(), [told(1)]);
  assert.match(state.reader.problems().join(), /journal-dhcp\.sqlite cannot be read: file is not a database/);
  rmSync(state.file('dhcp'));
  state.read();
  assert.deepEqual(state.reader.problems(), []);
  database.close();
});

test('a journal that was replaced is read from its start; one that is only opened again is not', () => {
  using state = new State();
  const database = state.database();
  database.write(written([told(1), told(2)], NOW));
  database.close();
  assert.deepEqual(state.read(), [told(1), told(2)]);

  copyFileSync(state.file(), `${state.file()}.copy`);
  renameSync(`${state.file()}.copy`, state.file());
  assert.deepEqual(state.read(), [], 'another file, but the same journal');

  for (const suffix of ['', '-wal', '-shm']) rmSync(state.file() + suffix, { force: true });
  const anew = state.database();
  anew.write(written([told(3)], NOW + 1));
  assert.deepEqual(state.read(), [told(3)]);
  anew.close();
});

test('a row that cannot be understood is left out, the ones after it are not', () => {
  using state = new State();
  const database = state.database();
  database.write(written([told(1), told(2)], NOW));
  database.close();
  const hand = new DatabaseSync(state.file());
  hand.exec("UPDATE event SET data = '{' WHERE id = 1");
  hand.close();
  assert.deepEqual(state.read(), [told(2)]);
});

test('what was told last leaves out packets and progress, and asking on misses nothing', () => {
  using state = new State();
  const [dhcp, tftp] = [state.database('dhcp'), state.database('tftp')];
  for (let n = 0; n < 30; n++) {
    const at = NOW + Math.floor(n / 4);
    dhcp.write(written([told(2 * n), packet(new Uint8Array(9)), told(2 * n, 'another')], at));
    tftp.write(written([told(2 * n + 1), progress(n)], at));
  }
  const recent = state.reader.recent({ mac: MAC, limit: 3 });
  assert.deepEqual(
    recent.map(({ event }) => event),
    [...[56, 58].map((n) => told(n)), ...[57, 59].map((n) => told(n))],
    'all of the oldest millisecond, the newest last',
  );
  const seen: unknown[] = [];
  for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined; ) {
    const page = state.reader.recent({ before, limit: 7 });
    seen.push(...page.map(({ service, id }) => `${service} ${id}`));
    before = page[0]?.at;
  }
  assert.equal(seen.length, 90);
  assert.equal(new Set(seen).size, 90);
  const ofTftp = state.reader.recent({ service: 'tftp', limit: 1000 });
  assert.deepEqual(
    ofTftp.map(({ event }) => event),
    Array.from({ length: 30 }, (_, n) => told(2 * n + 1)),
  );
  dhcp.close();
  tftp.close();
});

test('the packets of a machine and a time come with their bytes, of too many the newest', () => {
  using state = new State();
  const database = state.database();
  for (let n = 0; n < 10; n++) {
    const events = [packet(Uint8Array.of(n)), packet(Uint8Array.of(99), 'another'), told(n)];
    database.write(written(events, NOW + n));
  }
  const found = state.reader.packets(MAC, NOW + 2, NOW + 8, 3);
  assert.deepEqual(
    found,
    [6, 7, 8].map((n) => ({ at: NOW + n, direction: 'received', bytes: Uint8Array.of(n) })),
  );
  database.close();
});

/** How SQLite finds what those calls ask of table event. */
function plansOf(calls: () => void): string[] {
  const plans: string[] = [];
  const { prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.prepare = function (this: DatabaseSync, query: string, ...rest) {
    if (/FROM event/.test(query)) {
      const values = query.match(/\?/g)?.map(() => 0) ?? [];
      const plan = prepare.call(this, `EXPLAIN QUERY PLAN ${query}`).all(...values);
      plans.push(...plan.map(({ detail }) => String(detail)).filter((detail) => / event\b/.test(detail)));
    }
    return prepare.call(this, query, ...rest);
  };
  try {
    calls();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
  }
  return plans;
}

test('nothing is found by looking through everything', () => {
  using state = new State();
  const database = state.database();
  database.write(written([told(1)], NOW));
  const { reader } = state;
  const ways = [
    { calls: () => reader.next(9), by: /^SEARCH event USING INTEGER PRIMARY KEY/ },
    { calls: () => reader.recent({ limit: 9 }), by: /^SEARCH event USING (COVERING )?INDEX event_shelf/ },
    {
      calls: () => reader.recent({ mac: MAC, limit: 9 }),
      by: /USING (COVERING )?INDEX event_mac \(mac=\? AND shelf=\? AND at/,
    },
    { calls: () => reader.packets(MAC, 0, NOW, 9), by: /USING INDEX event_mac \(mac=\? AND shelf=\? AND at/ },
    { calls: () => database.write(written([told(2)], NOW)), by: /^SEARCH event USING/ },
  ];
  for (const { calls, by } of ways) {
    const plans = plansOf(calls);
    assert.ok(plans.length > 0);
    for (const plan of plans) assert.match(plan, by);
  }
  database.close();
});

test('a run counts as recording until it has said goodbye, or has not signed for too long', () => {
  using state = new State();
  const database = state.database();
  database.write(written([], NOW + 1000));
  const coverage = () => state.reader.coverage();
  assert.ok(isRecording(coverage(), 'dhcp', NOW + 1000 + SIGN_LATE_MS));
  assert.ok(!isRecording(coverage(), 'dhcp', NOW + 1001 + SIGN_LATE_MS));
  assert.ok(!isRecording(coverage(), 'http', NOW + 1000));
  database.write({ ...written([], NOW + 2000), run: { from: NOW, seen: NOW + 2000, ended: true } });
  assert.ok(!isRecording(coverage(), 'dhcp', NOW + 2001));
  assert.ok(watched(coverage(), 'dhcp', NOW, NOW + 2000));
  database.close();
});
