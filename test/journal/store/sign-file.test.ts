import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { encodeBatch } from '../../../src/journal/store/batch.ts';
import { JournalDatabase } from '../../../src/journal/store/journal-database.ts';
import { SignFile } from '../../../src/journal/store/sign-file.ts';
import { NOW, State } from './rig.ts';

const none = encodeBatch([]);
const write = (from: number, seen: number, ended = false) => ({
  batch: none,
  lost: undefined,
  run: { from, seen, ended },
});

async function signed(file: string, from: number, seen: number): Promise<void> {
  const sign = new SignFile(file);
  assert.equal(await sign.put({ from, seen }), true);
  sign.close();
}

test('a sign beside the journal counts for the run that goes on, and only for that', async () => {
  using state = new State();
  const runs = () => state.reader.coverage().runs.map(({ from, seen, ended }) => [from, seen, ended]);
  const database = new JournalDatabase(state.file(), 7, 1e8);
  database.write(write(NOW, NOW + 10));
  await signed(state.file(), NOW, NOW + 2000);
  assert.deepEqual(runs(), [[NOW, NOW + 2000, false]]);
  database.write(write(NOW, NOW + 3000));
  assert.deepEqual(runs(), [[NOW, NOW + 3000, false]]);
  database.write(write(NOW + 9000, NOW + 9000));
  assert.deepEqual(runs(), [
    [NOW, NOW + 3000, false],
    [NOW + 9000, NOW + 9000, false],
  ]);
  await signed(state.file(), NOW + 9000, NOW + 11_000);
  database.write(write(NOW + 9000, NOW + 10_000, true));
  assert.deepEqual(runs()[1], [NOW + 9000, NOW + 10_000, true]);
  database.close();
});

test('a thread that goes on with the run of an earlier one signs the same run', () => {
  using state = new State();
  const first = new JournalDatabase(state.file(), 7, 1e8);
  first.write(write(NOW, NOW + 10));
  first.close();
  const second = new JournalDatabase(state.file(), 7, 1e8, NOW);
  second.write(write(NOW, NOW + 60_000));
  second.close();
  const { runs } = state.reader.coverage();
  assert.deepEqual(
    runs.map(({ from, seen }) => [from, seen]),
    [[NOW, NOW + 60_000]],
  );
});

test('where the journal is gone meanwhile, the run is known only from then on', () => {
  using state = new State();
  const database = new JournalDatabase(state.file(), 7, 1e8, NOW);
  database.write(write(NOW, NOW + 60_000));
  database.close();
  assert.equal(state.reader.coverage().runs[0]!.from, NOW + 60_000);
});

test('a sign that cannot be written is no error, and leaves nothing', async () => {
  using state = new State();
  const sign = new SignFile(`${state.folder}/missing/journal-dhcp.sqlite`);
  assert.equal(await sign.put({ from: NOW, seen: NOW }), false);
  assert.deepEqual(readdirSync(state.folder), []);
});
