import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../src/http/api/shapes.ts';
import { LEASE_FILE } from '../../src/leases/lease.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { temporaryFolder } from '../lab/leftovers.ts';
import { type Host, Lab } from '../lab/net.ts';
import { requires } from '../lab/requires.ts';
import { Service } from '../lab/service.ts';
import { SERVER, Site } from '../lab/site.ts';

const MAC = '52:54:00:00:00:07';
const ADDRESS = '10.88.0.9';

/** A lease as an earlier run of dhcp has left it. */
function leave(state: string): void {
  const database = new DatabaseSync(join(state, LEASE_FILE));
  database.exec(
    'CREATE TABLE lease (address INTEGER PRIMARY KEY, key TEXT NOT NULL, mac TEXT NOT NULL, host_name TEXT NOT NULL, state TEXT NOT NULL, expires INTEGER NOT NULL) STRICT',
  );
  const expires = Math.floor(Date.now() / 1000) + 7200;
  database
    .prepare('INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?)')
    .run(parseIpv4(ADDRESS)!, `1/${MAC}`, MAC, '', 'bound', expires);
  database.close();
}

function stored(state: string): unknown {
  const database = new DatabaseSync(join(state, LEASE_FILE), { readOnly: true });
  try {
    return database.prepare('SELECT state FROM lease WHERE mac = ?').get(MAC)?.state;
  } finally {
    database.close();
  }
}

async function curl(from: Host, ...args: string[]): Promise<{ status: number; body: unknown }> {
  const { output } = await from.run('curl', ['-s', '-m', '8', '-w', '\n%{http_code}', ...args]);
  const [body, status] = [
    output.slice(0, output.lastIndexOf('\n')),
    output.slice(output.lastIndexOf('\n') + 1),
  ];
  return { status: Number(status), body: body ? JSON.parse(body) : undefined };
}

async function until(from: Host, wanted: Record<string, string>): Promise<void> {
  let states: Record<string, string> = {};
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; await sleep(200)) {
    const { body } = await curl(from, `http://${SERVER}/api/health`);
    states = Object.fromEntries(
      ((body as Health)?.services ?? []).map(({ service, state }) => [service, state]),
    );
    if (Object.entries(wanted).every(([service, state]) => states[service] === state)) return;
  }
  assert.deepEqual(states, wanted);
}

test('services as processes ask each other: a lease is ended on disk, and one that is killed is seen to be gone and back', {
  ...requires('root', 'netns', 'curl'),
}, async (t) => {
  const lab = new Lab();
  t.after(() => lab.close());
  const site = new Site(lab);
  const folder = temporaryFolder('control');
  const state = join(folder, 'state');
  for (const name of ['state', 'images']) mkdirSync(join(folder, name));
  leave(state);
  const environment = {
    ADAPTER: 'srv0',
    STATE_DIR: state,
    IMAGES_DIR: join(folder, 'images'),
    TMPDIR: folder,
    LOADER_MIRROR: 'http://127.0.0.1:7999/',
  };
  const start = (name: string) => {
    const service = new Service(site.server, name, environment);
    t.after(() => service.stop('SIGKILL'));
    return service;
  };
  site.switch.address('br0', '10.88.0.77/24');
  const caller = site.switch;
  const dhcp = start('dhcp');
  start('http');
  await until(caller, { dhcp: 'running', tftp: 'missing', http: 'failing' });

  const release = ['-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{}'];
  const freed = await curl(caller, ...release, `http://${SERVER}/api/leases/${ADDRESS}/release`);
  assert.deepEqual(freed, { status: 200, body: { address: ADDRESS, mac: MAC, was: 'bound' } });
  assert.equal(stored(state), 'released');
  await dhcp.log.until(/its lease of 10\.88\.0\.9 was ended by the operator at 10\.88\.0\.77/, {
    seconds: 30,
  });

  await dhcp.stop('SIGKILL');
  await until(caller, { dhcp: 'silent' });
  const unanswered = await curl(caller, `http://${SERVER}/api/explain?mac=${MAC}`);
  assert.equal(unanswered.status, 503);
  const again = start('dhcp');
  await until(caller, { dhcp: 'running' });
  const explained = await curl(caller, `http://${SERVER}/api/explain?mac=${MAC}`);
  assert.equal(explained.status, 200);
  assert.match(JSON.stringify(explained.body), /offered 10\.88\.0\.9: it had it before/);
  await again.stop();
  await until(caller, { dhcp: 'missing' });
});
