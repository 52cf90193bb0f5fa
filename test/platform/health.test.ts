import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { askHealth, healthSocket, tellHealth } from '../../src/platform/health.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'health-'));
test.after(() => rmSync(folder, { recursive: true }));
const file = (name: string) => path.join(folder, name);

test('a probe is told the problems of the moment', async () => {
  let problems: string[] = [];
  const telling = await tellHealth(file('a'), () => problems);
  assert.deepEqual(await askHealth(file('a'), 'dhcp', 1000), []);
  problems = ['the disk is full'];
  assert.deepEqual(await askHealth(file('a'), 'dhcp', 1000), problems);
  telling.close();
});

test('a service that is not there, is silent or cut off is a problem itself', async () => {
  assert.match((await askHealth(file('none'), 'tftp', 1000))[0]!, /tftp is not running/);
  const silent = net.createServer(() => {}).listen(file('silent'));
  assert.match((await askHealth(file('silent'), 'tftp', 50))[0]!, /silent for 50 ms/);
  silent.close();
  const cut = net.createServer((connection) => connection.end('["half')).listen(file('cut'));
  assert.match((await askHealth(file('cut'), 'tftp', 1000))[0]!, /cut off/);
  cut.close();
});

test('what a killed process left behind does not stop the next one', async () => {
  const first = await tellHealth(file('b'), () => []);
  const second = await tellHealth(file('b'), () => ['second']);
  assert.deepEqual(await askHealth(file('b'), 'http', 1000), ['second']);
  first.close();
  second.close();
});

test('two appliances on one host have sockets of their own', () => {
  assert.notEqual(healthSocket('/run', '/a', 'dhcp'), healthSocket('/run', '/b', 'dhcp'));
  assert.equal(healthSocket('/run', '/a/../a', 'dhcp'), healthSocket('/run', '/a', 'dhcp'));
});
