import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAdapter, isLocalAddress } from '../../src/platform/adapters.ts';
import { portHolder } from '../../src/platform/port-holder.ts';
import { openUdp } from '../../src/platform/udp.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';

test('loopback is no adapter to serve, and its addresses are this host’s', () => {
  assert.equal(findAdapter('lo'), undefined);
  assert.ok(isLocalAddress(parseIpv4('127.0.0.1')!));
  assert.ok(!isLocalAddress(parseIpv4('203.0.113.1')!));
});

test('the holder of a UDP port is named with its process', async () => {
  const socket = await openUdp(
    { port: 0, address: parseIpv4('127.0.0.1')! },
    { batch() {}, sendFailed() {}, failed() {} },
  );
  assert.match(portHolder('UDP', socket.port), new RegExp(`\\(pid ${process.pid}\\)`));
  await socket.close();
  assert.equal(portHolder('UDP', socket.port), 'another program');
});
