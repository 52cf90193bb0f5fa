import assert from 'node:assert/strict';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { startHttp } from '../../src/http/service.ts';
import type { Commission, Word } from '../../src/http/workers/messages.ts';
import { openThread } from '../../src/http/workers/thread.ts';
import type { Event } from '../../src/journal/event.ts';
import { bzImage } from '../assets/headers.ts';
import { profileFor, Rig } from './rig.ts';
import { within } from './within.ts';

const WAIT = 20_000;
const THREADS = 3;
/** So many that each thread has one, but for one case in 10^10. */
const CONNECTIONS = 64;
const content = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 131) >> 3));

/** A service on three threads; tells what each of them but the main one says. */
class Crew extends Rig {
  readonly workers: { readonly worker: Worker; readonly words: Word[] }[] = [];

  readonly openThread = (commission: Commission): Worker => {
    const worker = openThread(commission);
    const words: Word[] = [];
    worker.on('message', (word: Word) => words.push(word));
    this.workers.push({ worker, words });
    return worker;
  };

  async ready(): Promise<this> {
    this.images.write('vmlinuz', bzImage());
    this.images.write('a.img', content);
    await this.start({}, { threads: THREADS, openThread: this.openThread });
    await this.listening();
    return this;
  }

  listening(): Promise<void> {
    const listens = ({ words }: Crew['workers'][number]) => words.some(({ kind }) => kind === 'listening');
    return within(WAIT, () => this.workers.every(listens));
  }

  /** What the workers told, each one's by itself. */
  told(): Event[][] {
    return this.workers.map(({ words }) =>
      words.flatMap((word) => (word.kind === 'events' ? word.events : [])),
    );
  }

  moved(): number {
    return this.workers.flatMap(({ words }) => words).filter(({ kind }) => kind === 'connection').length;
  }
}

interface Asking extends http.RequestOptions {
  readonly body?: string;
}

/** On a connection of its own unless an agent is given. */
async function ask(crew: Crew, path: string, { body, ...options }: Asking = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { port } = crew.service;
  const request = http.request({ host: '127.0.0.1', port, path, agent: false, ...options }, resolve);
  request.on('error', reject);
  request.end(body);
  const response = await promise;
  return { status: response.statusCode, bytes: await buffer(response) };
}

const times = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

test('many connections get the right bytes, from all threads, told as if one had sent them', async () => {
  await using crew = await new Crew().ready();
  for (const { bytes } of await times(CONNECTIONS, () => ask(crew, '/a.img')))
    assert.deepEqual(bytes, content);
  await within(WAIT, () => crew.of('http.asset.done').length === CONNECTIONS);
  const starts = crew.of('http.asset.start');
  const byWorkers = crew
    .told()
    .map((events) => events.filter(({ kind }) => kind === 'http.asset.start').length);
  for (const count of [...byWorkers, CONNECTIONS - byWorkers.reduce((sum, count) => sum + count)])
    assert.ok(count > 0, `${byWorkers} of ${CONNECTIONS}`);
  assert.equal(new Set(starts.map(({ transfer }) => transfer)).size, CONNECTIONS);
  assert.deepEqual(crew.of('http.threads'), [{ kind: 'http.threads', threads: THREADS }]);
});

test('what takes the complete server is answered by it, whichever thread was asked, to the same caller', async () => {
  await using crew = await new Crew().ready();
  const callers = Array.from({ length: CONNECTIONS }, (_, index) => `127.0.0.${index + 2}`);
  const body = 'x'.repeat(200_000);
  const answers = await times(CONNECTIONS, (index) => {
    const headers = { 'content-type': 'application/json' };
    return ask(crew, '/vmlinuz', { method: 'POST', localAddress: callers[index]!, headers, body });
  });
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([405]));
  assert.deepEqual(
    crew
      .of('http.refused')
      .map(({ address }) => address)
      .sort(),
    callers.toSorted(),
  );
  assert.ok(crew.moved() > 0);
  for (const { status } of await times(CONNECTIONS, () => ask(crew, '/api/health')))
    assert.equal(status, 200);
  for (const { status } of await times(CONNECTIONS, () => ask(crew, '/'))) assert.equal(status, 200);
  const headers = { host: 'evil.example' };
  for (const { status } of await times(9, () => ask(crew, '/api/health', { headers })))
    assert.equal(status, 403);
});

test('what is no HTTP is refused by any thread, and told with the address that it came from', async () => {
  await using crew = await new Crew().ready();
  const answers = await times(CONNECTIONS, async (index) => {
    const localAddress = `127.0.0.${index + 2}`;
    const socket = net.connect({ port: crew.service.port, host: '127.0.0.1', localAddress });
    socket.write('{"kind":"connection","loose":{"fd":1}} 10.0.0.1\r\n\r\n');
    return (await buffer(socket)).toString();
  });
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(new Set(crew.of('http.refused').map(({ address }) => address)).size, CONNECTIONS);
});

test('one connection may go from files to the page and back to files', async () => {
  await using crew = await new Crew().ready();
  await times(CONNECTIONS, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    assert.deepEqual((await ask(crew, '/a.img', { agent })).bytes, content);
    assert.equal((await ask(crew, '/healthz', { agent })).status, 200);
    assert.deepEqual((await ask(crew, '/a.img', { agent })).bytes, content);
    agent.destroy();
  });
  await within(WAIT, () => crew.of('http.asset.done').length === 2 * CONNECTIONS);
  assert.deepEqual(crew.of('http.asset.aborted'), []);
});

test('a script that has changed is the same for all threads: once one has sent it, none sends the one before', async () => {
  await using crew = await new Crew().ready();
  const agents = Array.from(
    { length: CONNECTIONS },
    () => new http.Agent({ keepAlive: true, maxSockets: 1 }),
  );
  const scripts = () =>
    Promise.all(agents.map(async (agent) => (await ask(crew, '/infrakit.ipxe', { agent })).bytes.toString()));
  const first = new Set(await scripts());
  assert.equal(first.size, 1);
  for (let round = 0; round < 8; round++) {
    const edited = `#!ipxe\n# edition ${round}\n`;
    crew.images.write('infrakit.ipxe', edited);
    await within(WAIT, async () => (await ask(crew, '/infrakit.ipxe')).bytes.toString() === edited);
    assert.deepEqual(new Set(await scripts()), new Set([edited]));
  }
  for (const agent of agents) agent.destroy();
});

test('a thread that dies is told, its transfers are, and another one takes its place', async () => {
  await using crew = await new Crew().ready();
  crew.images.write('disk.iso', '');
  truncateSync(crew.images.at('disk.iso'), 2 ** 32);
  crew.images.age('disk.iso', 60);
  const sockets = await times(CONNECTIONS, async () => {
    const socket = net.connect(crew.service.port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET /disk.iso HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    return socket;
  });
  await within(WAIT, () => crew.of('http.asset.start').length === CONNECTIONS);
  const sent = crew.told()[0]!.flatMap((event) => (event.kind === 'http.asset.start' ? event.transfer : []));
  await crew.workers[0]!.worker.terminate();
  await within(WAIT, () => crew.of('http.worker.ended').length === 1);
  const aborted = crew.of('http.asset.aborted');
  assert.deepEqual(aborted.map(({ transfer }) => transfer).sort(), sent.sort());
  assert.match(aborted[0]!.reason ?? '', /thread that sent it has ended/);
  await within(WAIT, () => crew.workers.length === THREADS);
  await crew.listening();
  for (const socket of sockets) socket.destroy();
  await within(WAIT, async () => {
    assert.deepEqual((await ask(crew, '/a.img')).bytes, content);
    return crew
      .told()
      .at(-1)!
      .some(({ kind }) => kind === 'http.asset.start');
  });
  assert.equal(crew.of('http.worker.ended').length, 1);
});

test('a stop ends all threads and tells the end of each transfer before its own', async () => {
  await using crew = await new Crew().ready();
  crew.images.write('disk.iso', '');
  truncateSync(crew.images.at('disk.iso'), 2 ** 32);
  crew.images.age('disk.iso', 60);
  const sockets = await times(CONNECTIONS, async () => {
    const socket = net.connect(crew.service.port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET /disk.iso HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    return socket;
  });
  const exits = crew.workers.map(({ worker }) => once(worker, 'exit'));
  await crew.service.stop();
  await Promise.all(exits);
  await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
  const numbers = (kind: 'http.asset.start' | 'http.asset.aborted') =>
    crew
      .of(kind)
      .map(({ transfer }) => transfer)
      .sort((a, b) => a - b);
  assert.equal(numbers('http.asset.start').length, CONNECTIONS);
  assert.deepEqual(numbers('http.asset.aborted'), numbers('http.asset.start'));
  assert.equal(crew.events.at(-1)?.kind, 'http.stopped');
  assert.deepEqual(crew.of('http.worker.ended'), []);
  assert.deepEqual(crew.of('config.unexpected'), []);
});

test('a port that somebody else holds is an error, also where both would share it', async () => {
  await using crew = await new Crew().ready();
  const start = (port: number, threads: number) => {
    const profile = { ...profileFor(crew.images.path), httpPort: port };
    return startHttp({ profile, sink: () => undefined, threads });
  };
  for (const threads of [1, THREADS])
    await assert.rejects(start(crew.service.port, threads), { code: 'EADDRINUSE' });
  const other = net.createServer();
  other.listen({ host: '127.0.0.1', port: 0, reusePort: true });
  await once(other, 'listening');
  const { port } = other.address() as net.AddressInfo;
  await assert.rejects(start(port, THREADS), { code: 'EADDRINUSE' });
  other.close();
});

test('one thread is no other thread than the main one', async () => {
  await using crew = new Crew();
  await crew.start({}, { threads: 1, openThread: crew.openThread });
  assert.equal((await ask(crew, '/infrakit.ipxe')).status, 200);
  assert.deepEqual(crew.workers, []);
  assert.deepEqual(crew.of('http.threads'), []);
});
