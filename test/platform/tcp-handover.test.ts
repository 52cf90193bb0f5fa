import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { adopt, type Loose, loosen } from '../../src/platform/tcp-handover.ts';

/** Both ends of a connection; the server's is paused. */
async function connected() {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  server.close();
  return { client, socket };
}
const taken = (socket: net.Socket) => new Promise<Loose>((resolve) => loosen(socket, resolve));

test('a connection that moves keeps its peer, what was read of it, what comes later, and its end', async () => {
  const { client, socket } = await connected();
  socket.unshift(Buffer.from('read, '));
  const loose = await taken(socket);
  assert.equal(socket.destroyed, true);
  await once(socket, 'close');
  client.end('and not read');
  const moved = adopt(loose);
  assert.equal(moved.remoteAddress, '127.0.0.1');
  assert.equal(moved.remotePort, client.localPort);
  // Not by an iterator, which would end both directions.
  let read = '';
  moved.on('data', (bytes: Buffer) => {
    read += bytes.toString();
  });
  moved.resume();
  await once(moved, 'end');
  assert.equal(read, 'read, and not read');
  moved.end('answer');
  assert.equal((await buffer(client)).toString(), 'answer');
});

test('what was written before it moves comes first, however slowly it is taken', async () => {
  const { client, socket } = await connected();
  const much = Buffer.alloc(30_000_000, 'x');
  socket.write(much);
  let isTaken = false;
  const taking = taken(socket).then((loose) => {
    isTaken = true;
    return loose;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isTaken, false);
  const all = buffer(client);
  const moved = adopt(await taking);
  moved.end('last');
  assert.deepEqual(await all, Buffer.concat([much, Buffer.from('last')]));
  client.destroy();
});

test('a connection that ends before it could move is nobody’s', async () => {
  const { client, socket } = await connected();
  socket.on('error', () => undefined);
  socket.write(Buffer.alloc(30_000_000));
  loosen(socket, () => assert.fail('it was taken'));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  client.resetAndDestroy();
  await closed;
});
