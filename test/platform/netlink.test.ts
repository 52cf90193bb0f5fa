import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressesIn } from '../../src/platform/adapters.ts';
import { unitOf } from '../../src/platform/control-group.ts';
import { linksIn, listLinks } from '../../src/platform/links.ts';
import { attributesIn, messagesIn } from '../../src/platform/netlink.ts';
import { holdersOf } from '../../src/platform/port-holder.ts';
import { listSockets, socketsIn } from '../../src/platform/socket-diag.ts';

test('a socket that listens is listed with its address, port, adapter and holder', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const found = listSockets().filter((one) => one.port === port && one.protocol === 'TCP');
  assert.equal(found.length, 1);
  assert.equal(found[0]!.address, 0x7f000001);
  assert.equal(found[0]!.adapter, 0);
  assert.equal(found[0]!.uid, process.getuid?.());
  assert.deepEqual(
    holdersOf(found[0]!.inode).map(({ pid }) => pid),
    [process.pid],
  );
});

test('loopback is among the adapters, and belongs to nothing', () => {
  const loopback = listLinks().find(({ name }) => name === 'lo');
  assert.equal(loopback?.index, 1);
  assert.equal(loopback?.master, undefined);
});

test('any bytes are read without a fault, and end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      attributesIn(buffer);
      try {
        const { messages } = messagesIn(buffer);
        linksIn(messages);
        addressesIn(messages);
        socketsIn(messages, 'UDP');
      } catch (error) {
        assert.match((error as Error).message, /refuses to tell/);
      }
    }),
  );
});

test('a control group names the systemd service or the container that is innermost', () => {
  const id = '0123456789ab'.padEnd(64, 'f');
  assert.deepEqual(unitOf('/system.slice/dnsmasq.service'), { kind: 'service', name: 'dnsmasq.service' });
  assert.deepEqual(unitOf(`/system.slice/docker-${id}.scope`), { kind: 'container', id: '0123456789ab' });
  assert.deepEqual(unitOf(`/docker/${id}/init`), { kind: 'container', id: '0123456789ab' });
  assert.equal(unitOf('/user.slice/user-1000.slice/session-2.scope'), undefined);
  assert.equal(unitOf('/'), undefined);
});
