import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { truncateSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { Deliveries } from '../../src/http/delivery.ts';
import { Rig } from './rig.ts';

/** As much of a socket as counts here. */
class FakeSocket extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  writableFinished = false;
  queue: number | undefined = 0;
}

function watched(written: number, queue: number) {
  const fake = new FakeSocket();
  fake.bytesWritten = written;
  fake.queue = queue;
  const socket = fake as unknown as net.Socket;
  const deliveries = new Deliveries((asked) => (asked as unknown as FakeSocket).queue);
  const settled: number[] = [];
  void deliveries.delivered(socket).then((missing) => settled.push(missing));
  return { fake, socket, deliveries, settled };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what is acknowledged already is delivered at once', async () => {
  const { settled, deliveries, socket, fake } = watched(1000, 0);
  await turn();
  assert.deepEqual(settled, [0]);
  assert.equal(deliveries.has(socket), false);
  assert.deepEqual(fake.eventNames(), []);
});

test('what the kernel still holds is delivered when it is acknowledged, looked for ever less often', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { settled, deliveries, socket, fake } = watched(1000, 500);
  t.mock.timers.tick(1000);
  await turn();
  assert.deepEqual(settled, []);
  assert.equal(deliveries.has(socket), true);
  fake.queue = 0;
  t.mock.timers.tick(49);
  t.mock.timers.tick(1);
  await turn();
  assert.deepEqual(settled, [0]);
  assert.equal(deliveries.has(socket), false);
  assert.deepEqual(fake.eventNames(), []);
});

test('a next request shows that the answer before has come, though that of its own lies in the queue', async () => {
  const { settled, deliveries, socket, fake } = watched(1000, 500);
  fake.bytesWritten = 1800;
  fake.writableLength = 100;
  fake.queue = 701;
  deliveries.heard(socket);
  await turn();
  assert.deepEqual(settled, []);
  fake.queue = 700;
  deliveries.heard(socket);
  await turn();
  assert.deepEqual(settled, [0]);
});

test('the end of the stream counts as no byte of the file', async () => {
  const { settled, deliveries, socket, fake } = watched(1000, 500);
  fake.writableFinished = true;
  fake.queue = 1;
  deliveries.heard(socket);
  await turn();
  assert.deepEqual(settled, [0]);
});

test('a connection that ends before tells how many bytes were missing when that was last seen', async () => {
  const { settled, deliveries, socket, fake } = watched(1000, 500);
  fake.queue = 300;
  deliveries.heard(socket);
  fake.queue = undefined;
  fake.emit('close');
  await turn();
  assert.deepEqual(settled, [300]);
});

test('many answers on one connection are waited for by one timer and one listener an event', async () => {
  const { settled, deliveries, socket, fake } = watched(1000, 5000);
  for (let n = 1; n <= 50; n++) {
    fake.bytesWritten = 1000 + n * 100;
    void deliveries.delivered(socket).then((missing) => settled.push(missing));
  }
  assert.equal(fake.listenerCount('close'), 1);
  assert.equal(fake.listenerCount('end'), 1);
  fake.queue = 2500;
  deliveries.heard(socket);
  await turn();
  assert.equal(settled.length, 26);
  fake.emit('close');
  await turn();
  assert.equal(settled.length, 51);
  assert.equal(settled.at(-1), 2500);
  assert.equal(deliveries.has(socket), false);
});

test('a machine that is switched off while the end of its file lies in the send buffer has not got it', {
  timeout: 60_000,
}, async () => {
  await using rig = new Rig();
  rig.images.write('initrd.img', '');
  truncateSync(rig.images.at('initrd.img'), 600_000);
  rig.images.age('initrd.img', 60);
  await rig.start();
  const socket = net.connect(rig.service.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET /initrd.img HTTP/1.1\r\nHost: x\r\n\r\n');
  socket.pause();
  while (rig.of('http.asset.start').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  // Time for the kernel to take all that it takes.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(rig.of('http.asset.done'), []);
  socket.resetAndDestroy();
  while (rig.of('http.asset.aborted').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [aborted] = rig.of('http.asset.aborted');
  assert.ok(aborted!.bytes < 600_000, String(aborted!.bytes));
  assert.deepEqual(rig.of('http.asset.done'), []);
});
