import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { State, until } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** A service that waits for an adapter that no host has: it touches no network, and lives all the same. */
function service(t: TestContext, state: State, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, 'http'], {
    env: {
      PATH: process.env.PATH,
      ADAPTER: 'no-such-lan',
      STATE_DIR: state.folder,
      IMAGES_DIR: path.join(state.folder, 'images'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { stop, log: () => log };
}

test('a service keeps what it logs, from its first event to its last', async (t) => {
  using state = new State();
  const { stop, log } = service(t, state);
  await until('the log', () => /no-such-lan/.test(log()));
  await stop();
  const recorded = state.reader.next(100);
  assert.deepEqual(
    recorded.map(({ service, event }) => `${service} ${event.kind}`),
    ['http config.adapter-missing', 'http config.stopped'],
  );
  const [run] = state.reader.coverage().runs;
  assert.ok(run?.ended && run.from <= recorded[0]!.at && run.seen >= recorded[1]!.at);
});

test('with JOURNAL=off nothing is kept', async (t) => {
  using state = new State();
  const { stop, log } = service(t, state, { JOURNAL: 'off' });
  await until('the log', () => /no-such-lan/.test(log()));
  await stop();
  assert.ok(!existsSync(state.file('http')), readdirSync(state.folder).join());
});
