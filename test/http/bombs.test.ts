import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { HttpOptions } from '../../src/http/service.ts';
import { bzImage } from '../assets/headers.ts';
import { profileOf } from '../profile.ts';
import { profileFor, Rig } from './rig.ts';
import { within } from './within.ts';

const SIZE = 8_000_000;
const content = Buffer.from(Array.from({ length: SIZE }, (_, index) => (index * 31) & 255));
const PATIENCE = 10_000;

async function serving(changes: Partial<ReturnType<typeof profileOf>> = {}, more: Partial<HttpOptions> = {}) {
  const rig = new Rig();
  rig.images.write('vmlinuz', bzImage());
  rig.images.write('big.img', content);
  return rig.start({}, { profile: { ...profileFor(rig.images.path), ...changes }, ...more });
}

const http = (all: number, perAddress: number) => ({
  limits: { ...profileOf().limits, http: { all, perAddress } },
});

/** A connection that reads nothing until it is told to. */
async function connected(rig: Rig, text = ''): Promise<Socket> {
  const socket = net.connect(rig.service.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  if (text) socket.write(text);
  return socket;
}

async function allOf(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(parts);
}

for (const threads of [1, 2])
  test(`machines are served while somebody opens connection after connection, by ${threads} thread(s)`, {
    timeout: 60_000,
  }, async (t) => {
    await using rig = await serving(http(20, 20), { threads });
    const sockets: Socket[] = [];
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let n = 0; n < 100; n++) sockets.push(await connected(rig, n % 2 === 0 ? 'GET /slow' : ''));
    const answer = await rig.get('/big.img', { connection: 'close' });
    assert.equal((await answer.arrayBuffer()).byteLength, SIZE);
    await within(PATIENCE, () => rig.of('http.limited').length > 0);
    const [told] = rig.of('http.limited');
    assert.equal(told?.address, '127.0.0.1');
    assert.ok(told && told.count >= 50, `${told?.count} of them`);
  });

test('a download that is under way keeps its connection, whatever idle ones come', async (t) => {
  await using rig = await serving(http(16, 16));
  const reader = await connected(rig, 'GET /big.img HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await within(PATIENCE, () => rig.of('http.asset.start').length === 1);
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let n = 0; n < 60; n++) sockets.push(await connected(rig));
  const whole = await allOf(reader);
  assert.deepEqual(whole.subarray(-SIZE), content);
});

test('what is no HTTP behind requests that are still being answered is refused in its turn', async () => {
  await using rig = await serving();
  const answer = (
    await rig.raw(
      'GET /big.img?x HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\nRUBBISH\r\n\r\n',
    )
  ).toString();
  const [head = ''] = answer.split('\r\n\r\n', 1);
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  const rest = answer.slice(head.length + 4);
  assert.equal(rest.slice(0, SIZE), content.toString('latin1'));
  assert.match(
    rest.slice(SIZE),
    /^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\n\{"status":"ok"\}HTTP\/1\.1 400 Bad Request\r\n/,
  );
});

test('of requests that are sent ahead no more than one at a time takes memory for its file', async (t) => {
  await using rig = await serving();
  const ranged = (n: number) => `GET /big.img?x HTTP/1.1\r\nHost: x\r\nRange: bytes=${n * 100_000}-\r\n\r\n`;
  const socket = await connected(rig, Array.from({ length: 60 }, (_, n) => ranged(n)).join(''));
  t.after(() => socket.destroy());
  await within(PATIENCE, () => rig.of('http.asset.start').length > 0);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(rig.of('http.asset.start').length, 1);
});

test('a connection on which thousands of requests are sent ahead is ended, and that is told', async () => {
  await using rig = await serving();
  const socket = await connected(rig, 'GET /big.img?x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000));
  await allOf(socket);
  await within(PATIENCE, () => rig.of('http.limited').some(({ limit }) => limit === 'pipelining'));
  assert.equal((await rig.get('/healthz')).status, 200);
});

test('answers that wait for their turn are no leak to be warned of', async (t) => {
  await using rig = await serving();
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  t.after(() => process.off('warning', hear));
  const asked = 'GET /api/leases HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40);
  const last = 'GET /api/leases HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const answers = await allOf(await connected(rig, asked + last));
  assert.equal(answers.toString('latin1').split('HTTP/1.1 ').length - 1, 41);
  assert.deepEqual(warnings, []);
});

test('whatever ranges are asked for, no more than the file is answered, and once', async () => {
  await using rig = await serving();
  const many = Array.from({ length: 900 }, (_, n) => `${n}-`).join(',');
  for (const range of [
    `bytes=${many}`,
    'bytes=0-,0-,0-',
    'bytes=9-3',
    `bytes=-${'9'.repeat(3000)}`,
    'bytes=0-0,-1',
  ]) {
    for (const path of ['/big.img', '/big.img?x']) {
      const answer = await rig.get(path, { range });
      assert.ok([200, 206].includes(answer.status), `${answer.status}`);
      assert.doesNotMatch(answer.headers.get('content-type') ?? '', /multipart/);
      assert.equal((await answer.arrayBuffer()).byteLength, SIZE);
    }
  }
  const beyond = await rig.get('/big.img', { range: `bytes=${'9'.repeat(3000)}-` });
  assert.equal(beyond.status, 416);
});

test('a body that is small only while it is compressed is refused unread', async () => {
  await using rig = await serving();
  const body = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
  const before = process.memoryUsage().arrayBuffers;
  const answer = await fetch(`${rig.url}/api/leases/10.0.0.5/release`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  assert.equal(answer.status, 413);
  assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000, 'it was not unpacked');
});

test('a head of thousands of headers is refused', async () => {
  await using rig = await serving();
  const headers = Array.from({ length: 1500 }, (_, n) => `a${n}:`).join('\r\n');
  const answer = await rig.raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 431 /);
  assert.match(
    await rig.raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
});
