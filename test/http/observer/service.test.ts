import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHttp } from '../../../src/http/service.ts';
import { Folder } from '../../assets/folder.ts';
import { EventStream } from '../api/event-stream.ts';
import { readExposition } from '../metrics/exposition.ts';
import { profileFor } from '../rig.ts';
import { within } from '../within.ts';
import { Journals } from './journals.ts';

const MAC = '52:54:00:00:00:01';

test('a boot is followed live over /events, is there in the API and counted in /metrics; a stop ends the stream', async () => {
  await using journals = new Journals();
  using images = new Folder();
  const observed = journals.observe();
  const http = await startHttp({ profile: profileFor(images.path), sink: () => undefined, observed });
  const url = `http://127.0.0.1:${http.port}`;
  await using stream = await EventStream.open(`${url}/events`);
  await within(10_000, () => journals.changes.length > 0);
  await journals.boot(MAC);
  const booted = ({ data }: { data: unknown }) =>
    (data as { attempt?: { outcome: string } }).attempt?.outcome === 'booted';
  await stream.until((told) => told.event === 'machine' && booted(told));
  await stream.until(({ event, data }) => event === 'log' && JSON.stringify(data).includes('OFFER'));
  const machines = await (await fetch(`${url}/api/machines`)).json();
  assert.deepEqual(
    (machines as { mac: string }[]).map(({ mac }) => mac),
    [MAC],
  );
  const families = readExposition(await (await fetch(`${url}/metrics`)).text());
  const boots = families.get('remoteboot_boots_total')?.samples;
  assert.deepEqual(
    boots?.map(({ labels, value }) => [labels.outcome, value]),
    [['booted', 1]],
  );
  await http.stop();
  await stream.ended();
});

test('with the journal off the API has empty lists and says why, and nothing is broken', async () => {
  using images = new Folder();
  const http = await startHttp({ profile: profileFor(images.path), sink: () => undefined });
  const url = `http://127.0.0.1:${http.port}`;
  const json = async (path: string) => (await fetch(url + path)).json();
  assert.deepEqual(await json('/api/machines'), []);
  assert.deepEqual(await json('/api/log'), []);
  assert.match(JSON.stringify(await json('/api/health')), /JOURNAL=off/);
  const families = readExposition(await (await fetch(`${url}/metrics`)).text());
  assert.deepEqual(families.get('remoteboot_pool_addresses'), undefined);
  await using stream = await EventStream.open(`${url}/events`);
  await stream.until(({ event }) => event === 'health');
  await http.stop();
  await stream.ended();
});
