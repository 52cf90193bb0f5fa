import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { preferLanCongestion } from '../../src/platform/tcp-congestion.ts';
import { requires } from '../lab/requires.ts';

test('connections of a server have the congestion control that it was given', requires('ss'), async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const set = preferLanCongestion(server);
  assert.ok(set === 'cubic' || set === 'reno');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  const told = execFileSync('ss', ['-Htin', 'state', 'established', `sport = :${port}`], {
    encoding: 'utf8',
  });
  assert.match(told, new RegExp(`\\b${set}\\b`));
  accepted.destroy();
  client.destroy();
  server.close();
});

test('a server that does not listen is left as it is', () => {
  assert.equal(preferLanCongestion(net.createServer()), undefined);
});
