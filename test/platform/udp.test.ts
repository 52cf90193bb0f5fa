import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SystemCallError } from '../../src/platform/libc.ts';
import { openUdp, useDatagrams } from '../../src/platform/udp.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { cut, eachWay, LOOPBACK, listen, pattern, sendSegmented } from './udp-rig.ts';

/** From a loopback address nothing leaves the host. */
const UNREACHABLE = parseIpv4('203.0.113.1')!;
const LARGEST = 65_507;

eachWay('datagrams of one turn arrive as one batch, in order', async (_, context) => {
  const receiver = await listen(context);
  const sender = await listen(context);
  for (let n = 0; n < 20; n++) sender.socket.send(Uint8Array.of(n), LOOPBACK, receiver.socket.port);
  await receiver.until(20);
  assert.deepEqual(
    receiver.heard.map(({ bytes }) => bytes[0]),
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.ok(receiver.batches.length < 20, 'together, not one by one');
  assert.ok(receiver.heard.every(({ address, port }) => address === LOOPBACK && port === sender.socket.port));
});

eachWay('a datagram may be empty, of one byte, or the largest there is', async (_, context) => {
  const receiver = await listen(context);
  const sender = await listen(context);
  const sent = [
    pattern(0),
    pattern(1),
    pattern(LARGEST),
    pattern(2048),
    pattern(2049, 2),
    pattern(9000),
    pattern(0),
  ];
  for (const bytes of sent) sender.socket.send(bytes, LOOPBACK, receiver.socket.port);
  await receiver.until(sent.length);
  assert.deepEqual(
    receiver.heard.map(({ bytes }) => bytes),
    sent,
  );
});

eachWay('a datagram that cannot be sent is told, and those around it leave', async (_, context) => {
  const receiver = await listen(context);
  const sender = await listen(context);
  const { port } = receiver.socket;
  sender.socket.send(Uint8Array.of(1), LOOPBACK, port);
  sender.socket.send(Uint8Array.of(2), UNREACHABLE, 9);
  sender.socket.send(Uint8Array.of(3), LOOPBACK, port);
  sender.socket.send(new Uint8Array(LARGEST + 1), LOOPBACK, port);
  sender.socket.send(Uint8Array.of(4), UNREACHABLE, 10);
  sender.socket.send(Uint8Array.of(5), LOOPBACK, port);
  await Promise.all([receiver.until(3), sender.until(3)]);
  assert.deepEqual(
    receiver.heard.map(({ bytes }) => bytes[0]),
    [1, 3, 5],
  );
  const told = sender.unsent.map(({ datagram, error }) => [datagram.address, error.message]);
  assert.deepEqual(
    told.sort(([, one], [, other]) => `${one}`.localeCompare(`${other}`)),
    [
      [UNREACHABLE, 'send EINVAL 203.0.113.1:10'],
      [UNREACHABLE, 'send EINVAL 203.0.113.1:9'],
      [LOOPBACK, `send EMSGSIZE 127.0.0.1:${port}`],
    ],
  );
  const refused = sender.unsent.find(({ datagram }) => datagram.port === 10)!;
  assert.deepEqual([...refused.datagram.bytes], [4]);
  assert.equal(refused.error.code, 'EINVAL');
});

eachWay(
  'a message in segments arrives as datagrams of that size, the last one shorter',
  async (_, context) => {
    const receiver = await listen(context, { receiveBuffer: 8 << 20 });
    const sender = await listen(context);
    const sizes = fc.record({
      segment: fc.integer({ min: 1, max: 9000 }),
      length: fc.integer({ min: 0, max: 120_000 }),
    });
    const edges = [
      { segment: 1472, length: 16 * 1472 },
      { segment: 1472, length: 64 * 1472 },
      { segment: 1472, length: 64 * 1472 + 1 },
      { segment: 512, length: 65 * 512 },
      { segment: LARGEST, length: LARGEST + 1 },
      { segment: 32_754, length: 3 * 32_754 },
      { segment: 5, length: 5 },
    ];
    await fc.assert(
      fc.asyncProperty(sizes, async ({ segment, length }) => {
        const bytes = pattern(length, segment);
        const pieces = cut(bytes, Math.max(segment, Math.ceil(length / 400)));
        receiver.heard.length = 0;
        sendSegmented(
          sender.socket,
          bytes,
          Math.max(segment, Math.ceil(length / 400)),
          LOOPBACK,
          receiver.socket.port,
        );
        sender.socket.flush();
        await receiver.until(pieces.length);
        assert.deepEqual(
          receiver.heard.map((datagram) => Buffer.from(datagram.bytes)),
          pieces.map((piece) => Buffer.from(piece)),
        );
      }),
      { numRuns: 60, examples: edges.map((edge) => [edge]) },
    );
    assert.deepEqual(sender.unsent, []);
  },
);

eachWay('messages of all kinds keep their order', async (_, context) => {
  const receiver = await listen(context, { receiveBuffer: 8 << 20 });
  const sender = await listen(context);
  const { port } = receiver.socket;
  const expected: number[] = [];
  for (let n = 0; n < 100; n++) {
    const bytes = pattern(n % 3 === 0 ? 4000 : 100, n);
    if (n % 3 === 0) sendSegmented(sender.socket, bytes, 1000, LOOPBACK, port);
    else sender.socket.send(bytes, LOOPBACK, port);
    expected.push(...cut(bytes, n % 3 === 0 ? 1000 : 100).map((piece) => Buffer.from(piece).readUInt32LE(0)));
  }
  await receiver.until(expected.length);
  assert.deepEqual(
    receiver.heard.map(({ bytes }) => Buffer.from(bytes).readUInt32LE(0)),
    expected,
  );
});

eachWay('a message that no arena could hold is told, and the socket goes on', async (_, context) => {
  const receiver = await listen(context);
  const sender = await listen(context);
  const { socket } = sender;
  assert.equal(socket.reserve(LOOPBACK, receiver.socket.port, socket.arena.length + 1, 1000), -1);
  socket.send(Uint8Array.of(7), LOOPBACK, receiver.socket.port);
  await receiver.until(1);
  assert.deepEqual(
    sender.unsent.map(({ error }) => error.code),
    ['EMSGSIZE'],
  );
});

eachWay(
  'thousands of datagrams are in flight without loss where the buffers are large',
  async (_, context) => {
    const receiver = await listen(context, { receiveBuffer: 32 << 20 });
    const sender = await listen(context);
    const count = 8000;
    const bytes = Buffer.alloc(500);
    for (let n = 0; n < count; n++) {
      bytes.writeUInt32LE(n);
      sender.socket.send(bytes, LOOPBACK, receiver.socket.port);
    }
    await receiver.until(count);
    assert.ok(receiver.heard.every(({ bytes: got }, n) => Buffer.from(got).readUInt32LE(0) === n));
  },
);

eachWay(
  'what is sent from a batch, or flushed, leaves without waiting for anything else',
  async (_, context) => {
    const asker = await listen(context);
    const answerer = await openUdp(
      { port: 0, address: LOOPBACK },
      {
        batch(datagrams) {
          for (const { bytes, address, port } of datagrams) answerer.send(bytes, address, port);
        },
        sendFailed() {},
        failed() {},
      },
    );
    context.after(() => answerer.close());
    for (let n = 1; n <= 50; n++) {
      asker.socket.send(Uint8Array.of(n), LOOPBACK, answerer.port);
      if (n % 2) asker.socket.flush();
      await asker.until(n);
    }
    assert.equal(asker.heard.at(-1)!.bytes[0], 50);
  },
);

eachWay(
  'what waits when a socket is closed still leaves; afterwards nothing does, and closing twice is no error',
  async (_, context) => {
    const receiver = await listen(context);
    const sender = await listen(context);
    const { port } = receiver.socket;
    for (let n = 0; n < 10; n++) sender.socket.send(Uint8Array.of(n), LOOPBACK, port);
    await sender.socket.close();
    sender.socket.send(Uint8Array.of(99), LOOPBACK, port);
    sender.socket.flush();
    await sender.socket.close();
    const other = await listen(context);
    other.socket.send(Uint8Array.of(100), LOOPBACK, port);
    await receiver.until(11);
    assert.deepEqual(
      receiver.heard.map(({ bytes }) => bytes[0]),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100],
    );
  },
);

eachWay('a socket may be closed by the handler of its own batch', async (_, context) => {
  const sender = await listen(context);
  const closed = Promise.withResolvers<number>();
  const socket = await openUdp(
    { port: 0, address: LOOPBACK },
    {
      batch(datagrams) {
        void socket.close().then(() => closed.resolve(datagrams.length));
      },
      sendFailed() {},
      failed: closed.reject,
    },
  );
  for (let n = 0; n < 600; n++) sender.socket.send(Uint8Array.of(1), LOOPBACK, socket.port);
  assert.ok((await closed.promise) > 0);
});

eachWay('what a handler does to a batch does not reach the next', async (_, context) => {
  const sender = await listen(context);
  const seen: string[] = [];
  const all = Promise.withResolvers<void>();
  const socket = await openUdp(
    { port: 0, address: LOOPBACK },
    {
      batch(datagrams) {
        for (const { bytes } of datagrams) {
          seen.push(Buffer.from(bytes).toString());
          bytes.fill(0);
        }
        if (seen.length === 40) all.resolve();
      },
      sendFailed() {},
      failed: all.reject,
    },
  );
  context.after(() => socket.close());
  for (let n = 0; n < 40; n++)
    sender.socket.send(Buffer.from(`datagram ${'x'.repeat(n % 7)}${n}`), LOOPBACK, socket.port);
  await all.promise;
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, n) => `datagram ${'x'.repeat(n % 7)}${n}`),
  );
});

eachWay('a port is taken by one socket alone', async (_, context) => {
  const { socket } = await listen(context);
  await assert.rejects(
    listen(context, { port: socket.port }),
    (error) => error instanceof SystemCallError && error.code === 'EADDRINUSE',
  );
  await socket.close();
  const again = await listen(context, { port: socket.port });
  assert.equal(again.socket.port, socket.port);
});

test('an adapter that does not exist, or an address that is not ours, is an error with its name', async () => {
  const handlers = { batch() {}, sendFailed() {}, failed() {} };
  await assert.rejects(openUdp({ port: 0, adapter: 'nosuch0' }, handlers), { code: 'ENODEV' });
  await assert.rejects(openUdp({ port: 0, address: UNREACHABLE }, handlers), { code: 'EADDRNOTAVAIL' });
});

test('batches are what is chosen where they work, and plain sockets where those are asked for', () => {
  assert.deepEqual(useDatagrams('plain'), { way: 'plain' });
  assert.deepEqual(useDatagrams('batch'), { way: 'batch' });
  assert.deepEqual(useDatagrams('auto'), { way: 'batch' });
});
