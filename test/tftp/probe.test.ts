import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { encode } from '../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../src/protocol/tftp/packet.ts';
import { readBack } from '../../src/tftp/probe.ts';
import { content } from './rig.ts';
import { Running } from './running.ts';

const loader = Buffer.from(content(0, 70_000));

/** A server that answers every datagram with the same packets; returns its port. */
async function answering(t: TestContext, answers: readonly (Packet | Uint8Array)[]): Promise<number> {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (_, { address, port }) => {
    for (const answer of answers) {
      socket.send(answer instanceof Uint8Array ? answer : encode(answer), port, address);
    }
  });
  t.after(() => socket.close());
  return socket.address().port;
}

test('a file is read back from the service through the tftp package’s client', async (t) => {
  const running = await Running.start(t, { 'undionly.kpxe': loader, empty: new Uint8Array(0) });
  const { port } = running.service;
  assert.ok(loader.equals(await readBack('127.0.0.1', port, 'undionly.kpxe', { timeoutMs: 5000 })));
  assert.equal((await readBack('127.0.0.1', port, 'empty', { timeoutMs: 5000 })).length, 0);
});

test('the service is healthy while its loader can be read, and says what is wrong otherwise', async (t) => {
  const running = await Running.start(t, { 'undionly.kpxe': loader });
  assert.deepEqual(await running.service.health(), { state: 'ok' });
  assert.ok(!running.events.some(({ kind }) => kind === 'tftp.done'), 'a probe is no machine');
  delete running.assets.files['undionly.kpxe'];
  const { port } = running.service;
  assert.deepEqual(await running.service.health(), {
    state: 'failing',
    problem: `tftp://127.0.0.1:${port}/undionly.kpxe cannot be read: (Server) file not found: undionly.kpxe`,
  });
});

test('a server that never answers is given up in time', async (t) => {
  const port = await answering(t, []);
  await assert.rejects(readBack('127.0.0.1', port, 'file', { timeoutMs: 300 }), /no answer within 0\.3 s/);
});

test('a file that never ends is given up in size', async (t) => {
  const running = await Running.start(t, { large: loader });
  const reading = readBack('127.0.0.1', running.service.port, 'large', { timeoutMs: 5000, maxBytes: 50_000 });
  await assert.rejects(reading, /larger than 50000 bytes/);
});

const nonsense: Record<string, readonly (Packet | Uint8Array)[]> = {
  'an option that was not asked for': [{ type: 'oack', options: new Map([['surprise', '1']]) }],
  'a datagram of one byte': [new Uint8Array(1)],
  'an empty datagram': [new Uint8Array(0)],
  'DATA without a block': [Uint8Array.from([0, 3])],
  'an ERROR without an end': [Uint8Array.from([0, 5, 0, 0, 65])],
  'an OACK that is cut off': [Uint8Array.from([0, 6, 98, 108])],
  'an ACK': [{ type: 'ack', block: 0 }],
};

for (const [what, answers] of Object.entries(nonsense)) {
  test(`a server that answers with ${what} rejects the promise, and nothing else happens`, async (t) => {
    const port = await answering(t, answers);
    await assert.rejects(readBack('127.0.0.1', port, 'file', { timeoutMs: 3000 }), Error);
  });
}

for (const file of ['../climbing', 'größe', 'x'.repeat(600)]) {
  test(`the name ${file.slice(0, 20)}, which the package refuses, rejects the promise`, async () => {
    await assert.rejects(readBack('127.0.0.1', 9, file, { timeoutMs: 3000 }), Error);
  });
}

test('nothing of the package reaches the log', async (t) => {
  const running = await Running.start(t, { file: loader });
  const warned: Error[] = [];
  const note = (warning: Error) => void warned.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  await readBack('127.0.0.1', running.service.port, 'file', { timeoutMs: 5000 });
  assert.deepEqual(warned, []);
});
