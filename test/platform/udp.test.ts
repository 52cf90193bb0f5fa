import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemCallError } from '../../src/platform/libc.ts';
import { type Datagram, type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { type Ipv4, parseIpv4 } from '../../src/protocol/ipv4.ts';

const LOOPBACK = parseIpv4('127.0.0.1')!;
/** From a loopback address nothing leaves the host. */
const UNREACHABLE = parseIpv4('203.0.113.1')!;
const fail = (error: Error) => {
  throw error;
};

async function open(port: number, batch: (datagrams: readonly Datagram[]) => void): Promise<DatagramSocket> {
  return openUdp({ port, address: LOOPBACK }, { batch, sendFailed: (_, error) => fail(error), failed: fail });
}

test('datagrams of one turn arrive as one batch, in order', async () => {
  const batches: number[][] = [];
  let arrived = 0;
  const all = Promise.withResolvers<void>();
  const receiver = await open(0, (datagrams) => {
    batches.push(datagrams.map(({ bytes }) => bytes[0]!));
    arrived += datagrams.length;
    if (arrived === 20) all.resolve();
  });
  const sender = await open(0, () => {});
  for (let n = 0; n < 20; n++) sender.send(Uint8Array.of(n), LOOPBACK, receiver.port);
  await all.promise;
  assert.deepEqual(
    batches.flat(),
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.ok(batches.length < 20, 'together, not one by one');
  await Promise.all([receiver.close(), sender.close()]);
});

test('a port is taken by one socket alone', async () => {
  const socket = await open(0, () => {});
  await assert.rejects(
    open(socket.port, () => {}),
    (error) => error instanceof SystemCallError && error.code === 'EADDRINUSE',
  );
  await socket.close();
  const again = await open(socket.port, () => {});
  await again.close();
});

test('a datagram that cannot be sent is told, and the socket goes on', async () => {
  const failed: Ipv4[] = [];
  const got = Promise.withResolvers<Uint8Array>();
  const receiver = await open(0, ([datagram]) => got.resolve(datagram!.bytes));
  const sender = await openUdp(
    { port: 0, address: LOOPBACK },
    { batch() {}, sendFailed: (datagram) => failed.push(datagram.address), failed: fail },
  );
  sender.send(Uint8Array.of(1), UNREACHABLE, 9);
  sender.send(new Uint8Array(70_000), LOOPBACK, receiver.port);
  sender.send(Uint8Array.of(7), LOOPBACK, receiver.port);
  assert.deepEqual([...(await got.promise)], [7]);
  assert.deepEqual(new Set(failed), new Set([LOOPBACK, UNREACHABLE]));
  await Promise.all([receiver.close(), sender.close()]);
});

test('an adapter that does not exist, or an address that is not ours, is an error with its name', async () => {
  const handlers = { batch() {}, sendFailed() {}, failed: fail };
  await assert.rejects(openUdp({ port: 0, adapter: 'nosuch0' }, handlers), { code: 'ENODEV' });
  await assert.rejects(openUdp({ port: 0, address: parseIpv4('203.0.113.1')! }, handlers), {
    code: 'EADDRNOTAVAIL',
  });
});

test('nothing is sent after a close, and closing twice is no error', async () => {
  const socket = await open(0, () => {});
  await socket.close();
  socket.send(Uint8Array.of(1), LOOPBACK, 9);
  await socket.close();
});
