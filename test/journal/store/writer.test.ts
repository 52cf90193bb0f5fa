import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { watched } from '../../../src/journal/coverage.ts';
import type { Event } from '../../../src/journal/event.ts';
import { render } from '../../../src/journal/render.ts';
import { requires } from '../../lab/requires.ts';
import { packet, State, told, until, written } from './rig.ts';

const WRITE_ON = fileURLToPath(new URL('./write-on.ts', import.meta.url));
const kinds = (events: readonly Event[]) => events.map(({ kind }) => kind);

const addresses = (events: readonly Event[]) =>
  events.flatMap((event) => (event.kind === 'dhcp.inform' ? event.address : []));

test('what was recorded is there after the stop, and the run has ended', async () => {
  using state = new State();
  const { writer, events } = state.writer();
  writer.start();
  for (let n = 0; n < 5000; n++) writer.record(told(n));
  await writer.stop();
  assert.deepEqual(
    addresses(state.read()),
    Array.from({ length: 5000 }, (_, n) => n),
  );
  assert.deepEqual(
    state.reader.coverage().runs.map(({ ended }) => ended),
    [true],
  );
  assert.deepEqual(events, []);
});

test('a service that was killed leaves a journal that can be read and written on', async (t) => {
  using state = new State();
  const child = spawn(process.execPath, [WRITE_ON, state.file()], { stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  const seen: Event[] = [];
  await until('a few batches', () => {
    seen.push(...state.read());
    return seen.length > 500;
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  seen.push(...state.read());
  assert.deepEqual(
    addresses(seen),
    Array.from({ length: seen.length }, (_, n) => n),
    'all of them, each once, in order',
  );
  assert.equal(state.reader.coverage().runs[0]?.ended, false);

  const { writer, events } = state.writer();
  writer.start();
  writer.record(told(-1));
  await writer.stop();
  assert.deepEqual(addresses(state.read()), [-1]);
  assert.equal(state.reader.coverage().runs.length, 2);
  assert.deepEqual(events, []);
});

test('a locked journal costs the events of that time, which it says, and goes on afterwards', async () => {
  using state = new State();
  const { writer, events } = state.writer();
  writer.start();
  writer.record(told(1));
  await until('the first event', () => state.read().length === 1);

  const other = new DatabaseSync(state.file());
  other.exec('BEGIN EXCLUSIVE');
  const from = Date.now();
  writer.record(told(2));
  await until('the failure', () => writer.problems().length === 1);
  const to = Date.now();
  assert.match(
    writer.problems()[0]!,
    /journal-dhcp\.sqlite cannot be written: database is locked\. Close the/,
  );
  assert.equal(state.read().length, 0, 'it can be read all the same');
  other.exec('ROLLBACK');
  other.close();

  await until('the end of it', () => events.some(({ kind }) => kind === 'journal.mended'));
  assert.deepEqual(writer.problems(), []);
  writer.record(told(3));
  await writer.stop();
  assert.deepEqual(addresses(state.read()), [3]);
  assert.deepEqual(kinds(events), ['journal.failed', 'journal.mended'], 'said once');
  const { gaps } = state.reader.coverage();
  assert.deepEqual(
    gaps.map((gap) => gap.events),
    [1],
  );
  assert.ok(!watched(state.reader.coverage(), 'dhcp', from, to), 'that time is not known');
});

test(
  'a full disk costs the events of that time, and goes on when there is room',
  requires('root', 'mount'),
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'journal-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]);
    try {
      const state = new State(folder);
      const { writer, events } = state.writer();
      writer.start();
      writer.record(told(1));
      await until('the first event', () => addresses(state.read()).length === 1);
      writeFileSync(path.join(folder, 'ballast'), Buffer.alloc(700_000));
      for (let n = 0; n < 1000; n++) writer.record(packet(new Uint8Array(1000)));
      const failed = await until('the failure', () => events.find(({ kind }) => kind === 'journal.failed'));
      assert.match(render(failed).text, /Free space on the disk of STATE_DIR, or lower JOURNAL_SIZE/);
      rmSync(path.join(folder, 'ballast'));
      await until('the end of it', () => events.find(({ kind }) => kind === 'journal.mended'));
      writer.record(told(2));
      await writer.stop();
      assert.deepEqual(addresses(state.read()), [2]);
      assert.equal(state.reader.coverage().gaps[0]?.events, 1000);
      state.reader.close();
    } finally {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    }
  },
);

test('a folder that is not there is made; one that cannot be made is a problem with a remedy', async () => {
  using state = new State();
  const deep = state.writer({ file: path.join(state.folder, 'a', 'b', 'journal.sqlite') });
  deep.writer.start();
  await deep.writer.stop();
  assert.deepEqual(readdirSync(path.join(state.folder, 'a', 'b')), ['journal.sqlite']);

  writeFileSync(path.join(state.folder, 'file'), '');
  const { writer, events } = state.writer({ file: path.join(state.folder, 'file', 'journal.sqlite') });
  writer.start();
  await until('the failure', () => writer.problems().length > 0);
  assert.match(writer.problems()[0]!, /Make STATE_DIR writable/);
  await writer.stop();
  assert.deepEqual(kinds(events), ['journal.failed']);
});

test('a damaged journal is set aside and said, only the last such one is kept, and a new one begun', async () => {
  using state = new State();
  for (let time = 0; time < 2; time++) {
    writeFileSync(state.file(), 'this is no database, whatever its name says '.repeat(1000));
    const { writer, events } = state.writer();
    writer.start();
    writer.record(told(time));
    await writer.stop();
    assert.deepEqual(kinds(events), ['journal.set-aside']);
    assert.deepEqual(addresses(state.read()), [time]);
  }
  const aside = readdirSync(state.folder).filter((name) => /set-aside-[\dT-]+$/.test(name));
  assert.equal(aside.length, 1);
});

test('a journal of another version of the program is set aside', async () => {
  using state = new State();
  const other = new DatabaseSync(state.file());
  other.exec('CREATE TABLE something (id INTEGER); PRAGMA user_version = 99');
  other.close();
  assert.deepEqual(state.read(), []);
  assert.match(state.reader.problems()[0]!, /version 99/);
  const { writer, events } = state.writer();
  writer.start();
  writer.record(told(1));
  await writer.stop();
  assert.match(render(events[0]!).text, /is of another version of remoteboot; it is kept as .*set-aside/);
  assert.deepEqual(addresses(state.read()), [1]);
  assert.deepEqual(state.reader.problems(), []);
});

test('a journal that is deleted while the service runs is begun anew', async () => {
  using state = new State();
  const { writer } = state.writer();
  writer.start();
  writer.record(told(1));
  await until('the first event', () => addresses(state.read()).includes(1));
  const { from } = state.reader.coverage().runs[0]!;
  for (const suffix of ['', '-wal', '-shm']) rmSync(state.file() + suffix, { force: true });
  writer.record(told(2));
  await until('the second event', () => addresses(state.read()).includes(2));
  const run = state.reader.coverage().runs[0]!;
  assert.ok(run.from > from, 'and of the time before nothing is claimed to be known');
  await writer.stop();
});

test('events that come faster than they can be written leave a gap, said once the rest is written', async () => {
  using state = new State();
  const { writer, events } = state.writer({ limits: { events: 100, weight: 1e6 } });
  writer.start();
  const from = Date.now();
  for (let n = 0; n < 1000; n++) writer.record(told(n));
  const to = Date.now();
  const lost = await until('the loss', () => events.find(({ kind }) => kind === 'journal.lost'));
  assert.deepEqual(lost, { kind: 'journal.lost', file: state.file(), events: 900 });
  await writer.stop();
  assert.equal(addresses(state.read()).length, 100);
  assert.equal(state.reader.coverage().gaps[0]?.events, 900);
  assert.ok(!watched(state.reader.coverage(), 'dhcp', from, to));
});

test('a service signs while it lives, though nothing happens', async () => {
  using state = new State();
  const { writer } = state.writer();
  writer.start();
  const first = await until('the first sign', () => state.reader.coverage().runs[0]);
  const next = await until('another sign', () => {
    const run = state.reader.coverage().runs[0];
    return run !== undefined && run.seen > first.seen && run;
  });
  assert.equal(next.from, first.from);
  assert.equal(next.ended, false);
  await writer.stop();
});

test('a stop ends though events keep coming, and though the journal is locked', async () => {
  using state = new State();
  const busy = state.writer();
  busy.writer.start();
  const storm = setInterval(() => {
    for (let n = 0; n < 100; n++) busy.writer.record(told(n));
  }, 1);
  await until('the first events', () => state.read().length > 0);
  await busy.writer.stop();
  clearInterval(storm);
  assert.equal(state.reader.coverage().runs[0]?.ended, true);
  assert.deepEqual(busy.events, []);

  const { writer } = state.writer();
  writer.start();
  await until('another run', () => state.reader.coverage().runs.length === 2);
  const other = new DatabaseSync(state.file());
  other.exec('BEGIN EXCLUSIVE');
  writer.record(told(1));
  await writer.stop();
  other.close();
  assert.equal(state.reader.coverage().runs[1]?.ended, false, 'it could not say goodbye');
});

test('a journal that is found damaged while it is written is set aside, and a new one begun', async () => {
  using state = new State();
  const size = 20e6;
  const before = Date.now() - 60_000;
  const database = state.database();
  for (let n = 0; n < 20; n++) {
    const events = new Array(1000).fill(packet(new Uint8Array(size / 20_000), `${n}`));
    database.write(written(events, before + n, before));
  }
  database.close();
  const { writer, events } = state.writer();
  writer.start();
  await until('the first sign', () => state.reader.coverage().runs.length === 2);
  const checkpoint = new DatabaseSync(state.file());
  checkpoint.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  checkpoint.close();
  const file = openSync(state.file(), 'r+');
  writeSync(file, Buffer.alloc(size, 'damage'), 0, size, 4096);
  closeSync(file);
  let n = 0;
  const aside = await until('that it is found', () => {
    writer.record(told(n++, `52:54:00:00:01:${n % 100}`));
    return events.find(({ kind }) => kind === 'journal.set-aside');
  });
  assert.match(render(aside).text, /was damaged; it is kept as/);
  writer.record(told(-1));
  await writer.stop();
  assert.ok(addresses(state.read()).includes(-1));
  assert.deepEqual(kinds(events), ['journal.failed', 'journal.set-aside', 'journal.mended']);
});

test('an event that cannot be written costs its batch, and nothing breaks', async () => {
  using state = new State();
  const { writer, events } = state.writer();
  writer.start();
  await until('the first sign', () => state.reader.coverage().runs[0]);
  writer.record({ kind: 'dhcp.inform', mac: 'x', address: 1n as never });
  await until('the failure', () => events.some(({ kind }) => kind === 'journal.failed'));
  writer.record(told(2));
  await until('the next', () => addresses(state.read()).includes(2));
  await writer.stop();
  assert.deepEqual(kinds(events), ['journal.failed', 'journal.mended']);
});

test('a packet is kept as it was when it was told of', async () => {
  using state = new State();
  const { writer } = state.writer();
  writer.start();
  const bytes = Uint8Array.of(1, 2, 3);
  writer.record(packet(bytes));
  bytes.fill(9);
  await writer.stop();
  assert.deepEqual(state.read(), [packet(Uint8Array.of(1, 2, 3))]);
});

test('a time in which a crowd was summed up counts as not known, unless only packets were left out', async () => {
  using state = new State();
  const { writer } = state.writer({ clock: { millis: () => 50_000, monotonic: () => 0 } });
  writer.start();
  const packets = [{ direction: 'received', type: 1, packets: 5 }] as const;
  writer.record({ kind: 'dhcp.crowd', milliseconds: 1000, events: {}, packets });
  await writer.stop();
  assert.deepEqual(state.reader.coverage().gaps, []);

  const next = state.writer({ clock: { millis: () => 60_000, monotonic: () => 0 } }).writer;
  next.start();
  next.record({
    kind: 'dhcp.crowd',
    milliseconds: 1000,
    events: { 'dhcp.offer': 3, 'dhcp.ack': 2 },
    packets,
  });
  await next.stop();
  assert.deepEqual(state.reader.coverage().gaps, [{ service: 'dhcp', from: 59_000, to: 60_000, events: 5 }]);
});
