import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { watched } from '../../../src/journal/coverage.ts';
import type { Recorded } from '../../../src/journal/recorded.ts';
import { NOW, packet, progress, State, told, written } from './rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const nothing = (at: number) => written([], at);
const times = (recorded: readonly Recorded[]) => recorded.map(({ at }) => at);

test('events older than the days that are wanted go, and that time is not known any more', () => {
  using state = new State();
  const database = state.database('dhcp', 2);
  const run = { from: NOW, seen: NOW + HOUR, ended: true };
  database.write({ ...written([told(1)], NOW), lost: { from: NOW, to: NOW, events: 3 }, run });
  const later = NOW + DAY;
  database.write(written([told(2)], later, later));
  database.write(written([told(3)], NOW + 3 * DAY, later));
  assert.deepEqual(times(state.reader.next(9)), [later, NOW + 3 * DAY]);
  const coverage = state.reader.coverage();
  assert.deepEqual(coverage.gaps, []);
  assert.ok(!watched(coverage, 'dhcp', NOW, NOW + HOUR));
  assert.ok(watched(coverage, 'dhcp', later + HOUR, NOW + 3 * DAY));

  database.write(written([], NOW + 5 * DAY, later));
  assert.ok(!watched(state.reader.coverage(), 'dhcp', later, NOW + 5 * DAY));
  assert.ok(watched(state.reader.coverage(), 'dhcp', NOW + 3 * DAY + HOUR, NOW + 5 * DAY));
  database.close();
});

test('progress goes after an hour, what became of it stays', () => {
  using state = new State();
  const database = state.database();
  database.write(written([told(1), progress(5), progress(6)], NOW));
  database.write(nothing(NOW + HOUR - 1));
  assert.equal(state.read().length, 3);
  database.write(nothing(NOW + HOUR + 1));
  using again = new State(state.folder);
  assert.deepEqual(again.read(), [told(1)]);
  assert.ok(watched(again.reader.coverage(), 'dhcp', NOW, NOW + HOUR), 'nothing that matters is missing');
  database.close();
});

test('a number is never given twice, so a reader misses nothing that follows what was taken away', () => {
  using state = new State();
  const database = state.database();
  database.write(written([progress(1)], NOW));
  assert.equal(state.read().length, 1);
  database.write(nothing(NOW + 2 * HOUR));
  database.write(written([told(2)], NOW + 2 * HOUR));
  assert.deepEqual(state.read(), [told(2)]);
  database.close();
});

test('the files stay within their size, the newest events stay, and what went is not claimed to be known', () => {
  using state = new State();
  const bytes = 4e6;
  const database = state.database('dhcp', 14, bytes);
  let at = NOW;
  let most = 0;
  for (let batch = 0; batch < 40; batch++) {
    at += 1000;
    database.write(written(new Array(500).fill(packet(new Uint8Array(600))), at));
    const size = ['', '-wal'].reduce((sum, suffix) => sum + statSync(state.file() + suffix).size, 0);
    most = Math.max(most, size);
  }
  assert.ok(most <= bytes, `${most} bytes`);
  const kept = state.reader.next(1e6);
  assert.equal(kept.at(-1)?.at, at);
  assert.ok(kept.length > 1000 && kept.length < 20_000, `${kept.length} events kept`);
  const [run] = state.reader.coverage().runs;
  assert.ok(run && run.from > NOW && run.from <= kept[0]!.at);
  database.close();
});

test('a journal that may hold less than before gives its pages back, a little at a time', () => {
  using state = new State();
  const large = state.database('dhcp', 14, 64e6);
  for (let batch = 0; batch < 20; batch++)
    large.write(written(new Array(500).fill(packet(new Uint8Array(600))), NOW + batch));
  large.close();
  const before = statSync(state.file()).size;
  const small = state.database('dhcp', 14, 2e6);
  for (let beat = 0; beat < 100; beat++) small.write(nothing(NOW + 1000 + beat));
  small.close();
  const after = statSync(state.file()).size;
  assert.ok(before > 6e6 && after < 2e6, `${before} to ${after} bytes`);
});

test('many gaps become fewer, and none of that time looks known', () => {
  using state = new State();
  const database = state.database();
  for (let n = 0; n <= 1001; n++) {
    const moment = NOW + n * 10;
    database.write({ ...nothing(moment), lost: { from: moment, to: moment + 1, events: 1 } });
  }
  const { gaps } = state.reader.coverage();
  assert.ok(gaps.length < 600, `${gaps.length} gaps`);
  assert.equal(
    gaps.reduce((sum, { events }) => sum + events, 0),
    1002,
  );
  for (let n = 0; n <= 1001; n++)
    assert.ok(!watched(state.reader.coverage(), 'dhcp', NOW + n * 10, NOW + n * 10), `gap ${n}`);
  database.close();
});

test('of a service that starts again and again the newest thousand runs are kept', () => {
  using state = new State();
  const database = state.database();
  for (let n = 0; n < 1010; n++) database.write(written([], NOW + n, NOW + n));
  const { runs } = state.reader.coverage();
  assert.equal(runs.length, 1000);
  assert.equal(runs.at(-1)?.from, NOW + 1009);
  database.close();
});

test('a clock that was far ahead for a while does not keep old events for ever', () => {
  using state = new State();
  const database = state.database('dhcp', 1);
  database.write(written([told(1)], NOW + 900 * DAY, NOW + 900 * DAY));
  database.write(written([told(2)], NOW));
  database.write(written([told(3)], NOW + 3 * DAY));
  const other = new DatabaseSync(state.file(), { readOnly: true });
  const left = other.prepare('SELECT count(*) AS count FROM event WHERE at = ?').get(NOW);
  other.close();
  assert.equal(left?.count, 0);
  database.close();
});
