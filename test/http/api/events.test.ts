import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { eventRoutes } from '../../../src/http/api/events.ts';
import { Feed } from '../../../src/http/api/feed.ts';
import type { Health } from '../../../src/http/api/shapes.ts';
import { within } from '../within.ts';
import { EventStream } from './event-stream.ts';
import { FakeObserved } from './fake-observed.ts';
import { Served } from './served.ts';

const HEALTH: Health = { services: [], journal: ['all is well'] };

const MOST = 8;

async function served(health: () => Promise<Health> = async () => HEALTH) {
  const journals = new FakeObserved();
  const limits: string[] = [];
  const feed = new Feed({
    version: '1.2.3',
    observed: journals.observed,
    health,
    images: () => 'none',
    most: MOST,
    note: (limit, address) => limits.push(`${limit}: ${address}`),
  });
  const api = await Served.start(eventRoutes({ feed }));
  return { journals, feed, limits, api, url: `http://127.0.0.1:${api.port}/events` };
}

test('whoever listens is greeted, told the health, and then what changes', async () => {
  const { api, journals, url } = await served();
  await using _ = api;
  await using stream = await EventStream.open(url);
  assert.match(stream.response.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.deepEqual(await stream.until(() => true), { event: 'hello', data: { version: '1.2.3' } });
  assert.deepEqual(await stream.until(({ event }) => event === 'health'), { event: 'health', data: HEALTH });
  journals.tell({ frames: [{ event: 'machine', data: '{"mac":"a\\nb"}' }] });
  const machine = await stream.until(({ event }) => event === 'machine');
  assert.deepEqual(machine.data, { mac: 'a\nb' });
});

test('when the journals have been read anew, listeners are greeted again, so that they load anew', async () => {
  const { api, journals, url } = await served();
  await using _ = api;
  await using stream = await EventStream.open(url);
  await stream.until(({ event }) => event === 'health');
  const before = stream.told.length;
  journals.tell({ anew: true });
  assert.equal((await stream.until(() => true, before)).event, 'hello');
});

test('nothing is made for the feed while nobody listens', async () => {
  const { api, journals, url } = await served();
  await using _ = api;
  assert.deepEqual([journals.framesWanted, journals.listeners], [false, 0]);
  {
    await using stream = await EventStream.open(url);
    await stream.until(({ event }) => event === 'hello');
    assert.deepEqual([journals.framesWanted, journals.listeners], [true, 1]);
  }
  await within(10_000, () => journals.listeners === 0);
  assert.equal(journals.framesWanted, false);
});

test('a listener that does not read is skipped, and greeted again once it does', async (t) => {
  const { api, journals, url } = await served();
  await using _ = api;
  await using brisk = await EventStream.open(url);
  const slow = net.connect(api.port, '127.0.0.1');
  t.after(() => slow.destroy());
  slow.pause();
  slow.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  await brisk.until(({ event }) => event === 'health');
  const big = 'x'.repeat(500_000);
  const rounds = 40;
  for (let round = 0; round < rounds; round += 1) {
    journals.tell({ frames: [{ event: 'machine', data: JSON.stringify({ round, big }) }] });
    await brisk.until(({ data }) => (data as { round?: number }).round === round);
  }
  let heard = '';
  slow.setEncoding('latin1');
  slow.on('data', (data: string) => {
    heard += data.replaceAll(/x{100,}/g, 'X');
  });
  slow.resume();
  const count = (text: string) => heard.split(text).length - 1;
  await within(10_000, () => {
    journals.tell({ frames: [{ event: 'leases', data: '{}' }] });
    return count('event: hello') === 2;
  });
  assert.ok(
    count('"round"') > 0 && count('"round"') < rounds,
    `it was sent ${count('"round"')} of ${rounds}`,
  );
  assert.equal(brisk.told.filter(({ event }) => event === 'hello').length, 1);
});

test('an address has a quarter of the places for listeners, and is told when it has them', async () => {
  const { api, limits, url } = await served();
  await using _ = api;
  const streams = await Promise.all(Array.from({ length: MOST / 4 }, () => EventStream.open(url)));
  const { status, body } = await api.json('/events');
  assert.equal(status, 503);
  assert.match((body as { error: string }).error, /^2 listeners/);
  assert.deepEqual(limits, ['listeners per address: 127.0.0.1']);
  await streams.pop()![Symbol.asyncDispose]();
  await within(10_000, async () => {
    const again = await api.get('/events', { method: 'HEAD' });
    return again.status === 200;
  });
  for (const stream of streams) await stream[Symbol.asyncDispose]();
});

test('all addresses together have so many places for listeners', async () => {
  const { api, feed, limits } = await served();
  await using _ = api;
  const outlet = { write: () => true, writableLength: 0, on: () => outlet };
  for (let n = 0; n < MOST; n++) {
    assert.equal(feed.takenBy(`10.0.0.${n}`), undefined);
    feed.add({ ...outlet } as never, `10.0.0.${n}`);
  }
  assert.equal(feed.takenBy('10.0.0.99'), MOST);
  assert.deepEqual(limits, ['listeners: 10.0.0.99']);
  feed.stop();
});

test('a health that cannot be had, and a HEAD request, hold up nothing', async () => {
  const { api, journals, url } = await served(() => Promise.reject(new Error('no')));
  await using _ = api;
  assert.equal((await api.get('/events', { method: 'HEAD' })).status, 200);
  assert.equal(journals.listeners, 0);
  await using stream = await EventStream.open(url);
  await stream.until(({ event }) => event === 'hello');
  journals.tell({ frames: [{ event: 'leases', data: '{}' }] });
  await stream.until(({ event }) => event === 'leases');
});

test('listeners hear a heartbeat while all is quiet, and of images/ when something in it has changed', async (t) => {
  let images: unknown = { found: [] };
  t.mock.timers.enable({ apis: ['setInterval'] });
  const journals = new FakeObserved();
  const feed = new Feed({
    version: '1',
    observed: journals.observed,
    health: async () => HEALTH,
    images: () => images,
    most: MOST,
    note: () => {},
  });
  const written: string[] = [];
  const outlet = { write: (text: string) => written.push(text) > 0, writableLength: 0, on: () => outlet };
  feed.add(outlet as never, '10.0.0.5');
  t.mock.timers.tick(15_000);
  assert.ok(written.some((text) => text.startsWith(': ')));
  const told = () => written.filter((text) => text.startsWith('event: images')).length;
  assert.equal(told(), 0);
  images = { found: ['vmlinuz'] };
  t.mock.timers.tick(6_000);
  assert.equal(told(), 1);
  feed.stop();
  assert.equal(journals.framesWanted, false);
});
