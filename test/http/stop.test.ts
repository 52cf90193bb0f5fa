import assert from 'node:assert/strict';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { test } from 'node:test';
import type { HttpService } from '../../src/http/service.ts';
import { Rig } from './rig.ts';
import { within } from './within.ts';

const WAIT = 20_000;
/** More than the buffers of both ends take. */
const SIZE = 24 << 20;
/** On three threads so many that each has one, but for one case in 10^7. */
const MACHINES = 40;

const get = (service: HttpService, path: string): Socket => {
  const socket = net.connect(service.port, '127.0.0.1').on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return socket;
};

/** As many machines as one wants, in the middle of a file that they have stopped to take. */
async function stalled(rig: Rig, machines: number, threads: number): Promise<Socket[]> {
  rig.images.write('disk.iso', '');
  truncateSync(rig.images.at('disk.iso'), SIZE);
  rig.images.age('disk.iso', 60);
  await rig.start({}, { threads });
  const sockets = Array.from({ length: machines }, () => get(rig.service, '/disk.iso'));
  await Promise.all(sockets.map((socket) => once(socket, 'data')));
  for (const socket of sockets) socket.pause();
  await within(WAIT, () => rig.of('http.asset.start').length === machines);
  return sockets;
}

/** How many bytes come until the connection is closed. */
async function rest(socket: Socket): Promise<number> {
  const before = socket.bytesRead;
  socket.on('data', () => undefined).resume();
  if (!socket.closed) await once(socket, 'close');
  return socket.bytesRead - before;
}

for (const threads of [1, 3]) {
  test(`a stop waits for downloads under way, and tells who comes later to come back (threads: ${threads})`, async () => {
    await using rig = new Rig();
    const sockets = await stalled(rig, MACHINES, threads);
    const stopped = rig.service.stop(new AbortController().signal);
    await within(WAIT, () => rig.of('http.stopping').length === 1);
    await within(WAIT, async () => {
      const late = get(rig.service, '/disk.iso');
      const [answer] = (await once(late, 'data')) as [Buffer];
      late.destroy();
      return /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 5\r\n/.test(answer.toString('latin1'));
    });
    const script = get(rig.service, '/infrakit.ipxe');
    assert.match(String(await once(script, 'data')), /^HTTP\/1\.1 200 /);
    script.destroy();
    await Promise.all(sockets.map(rest));
    await stopped;
    for (const socket of sockets) assert.ok(socket.bytesRead > SIZE, `${socket.bytesRead} bytes`);
    assert.deepEqual(rig.of('http.asset.aborted'), []);
    assert.equal(rig.of('http.stopping')[0]!.transfers, MACHINES);
    assert.deepEqual(rig.events.at(-1), { kind: 'http.stopped', finished: MACHINES, ended: 0 });
  });

  test(`a download that takes longer than a stop may is cut short of its length, and told so (threads: ${threads})`, async () => {
    await using rig = new Rig();
    const sockets = await stalled(rig, MACHINES, threads);
    const end = new AbortController();
    const stopped = rig.service.stop(end.signal);
    await within(WAIT, () => rig.of('http.stopping').length === 1);
    end.abort();
    await stopped;
    await Promise.all(sockets.map(rest));
    for (const socket of sockets) assert.ok(socket.bytesRead < SIZE);
    assert.deepEqual(rig.events.at(-1), { kind: 'http.stopped', finished: 0, ended: MACHINES });
    const reasons = new Set(rig.of('http.asset.aborted').map(({ reason }) => reason));
    assert.deepEqual(reasons, new Set(['the service stopped']));
  });
}

test('a stop with nothing under way waits for nothing', async () => {
  await using rig = await new Rig().start();
  const idle = get(rig.service, '/infrakit.ipxe');
  await once(idle, 'data');
  await rig.service.stop(new AbortController().signal);
  assert.deepEqual(rig.of('http.stopping'), []);
});
