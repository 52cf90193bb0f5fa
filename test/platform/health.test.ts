import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ControlServer } from '../../src/platform/control.ts';
import { healthSocket } from '../../src/platform/control-protocol.ts';
import { askHealth } from '../../src/platform/health.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'health-'));
test.after(() => rmSync(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);
const asked = async (name: string, timeoutMs = 1000) => askHealth(file(name), 'tftp', timeoutMs);
const reason = async (name: string, timeoutMs?: number) => {
  const answer = await asked(name, timeoutMs);
  return 'reason' in answer ? answer.reason : 'it answered';
};

test('a probe is told the problems of the moment', async () => {
  let problems: string[] = [];
  const health = () => ({ service: 'dhcp', problems, journal: [], since: 1, version: '1' });
  const options = { service: 'dhcp', files: [file('a')], sink: () => {} };
  const control = new ControlServer({ ...options, routes: () => ({ 'GET /health': health }) });
  await control.start();
  assert.deepEqual(await asked('a'), health());
  problems = ['the disk is full'];
  assert.deepEqual(await asked('a'), health());
  control.close();
  assert.match(await reason('a'), /ENOENT/);
});

test('a service that is not there, is silent, is cut off or talks nonsense is a problem itself', async () => {
  assert.match(await reason('none'), /tftp is not running/);
  const answers = {
    silent: '',
    cut: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"h',
    odd: 'HTTP/1.1 200 OK\r\n\r\n[]',
  };
  const said: Record<string, string> = {};
  for (const [name, answer] of Object.entries(answers)) {
    const server = net.createServer((connection) => {
      connection.on('error', () => {});
      if (answer) connection.once('data', () => connection.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(file(name), resolve));
    said[name] = await reason(name, name === 'silent' ? 50 : 5000);
    server.close();
  }
  assert.match(said.silent!, /silent for 50 ms/);
  assert.match(said.cut!, /cut off|aborted/);
  assert.match(said.odd!, /does not tell its health/);
});

test('two appliances on one host have sockets of their own', () => {
  assert.notEqual(healthSocket('/run', '/a', 'dhcp'), healthSocket('/run', '/b', 'dhcp'));
  assert.equal(healthSocket('/run', '/a/../a', 'dhcp'), healthSocket('/run', '/a', 'dhcp'));
});
