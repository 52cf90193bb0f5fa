import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineRoutes } from '../../../src/http/api/machines.ts';
import { type Observed, ObserverError } from '../../../src/http/observer/observed.ts';
import type { Machine } from '../../../src/journal/timeline/model.ts';
import { FakeObserved } from './fake-observed.ts';
import { Served } from './served.ts';

const MAC = '52:54:00:00:00:01';
const MACHINE: Machine = {
  mac: MAC,
  seen: 1000,
  attempts: 1,
  history: [
    {
      id: '100-1',
      from: 100,
      to: 900,
      outcome: 'booted',
      firmware: 'pxe',
      stages: [],
      steps: [],
      stepsLeftOut: 0,
    },
  ],
};

async function served(answers: Partial<Observed> = {}) {
  const asked: unknown[] = [];
  const { observed } = new FakeObserved({
    machines: async () => [MACHINE],
    machine: async (mac) => (mac === MAC ? MACHINE : undefined),
    packets: async (...question) => {
      asked.push(question);
      return [];
    },
    ...answers,
  });
  return { asked, served: await Served.start(machineRoutes({ observed })) };
}

test('machines are listed, and one is found by any usual spelling of its MAC address', async () => {
  const { served: api } = await served();
  await using _ = api;
  assert.deepEqual(await api.json('/machines'), { status: 200, body: [MACHINE] });
  for (const spelling of [MAC, '52-54-00-00-00-01', '525400000001', '5254.0000.0001'])
    assert.deepEqual(await api.json(`/machines/${spelling}`), { status: 200, body: MACHINE });
});

test('a machine that is not known is not found, and the answer says where to look', async () => {
  const { served: api } = await served();
  await using _ = api;
  const { status, body } = await api.json('/machines/52:54:00:00:00:02');
  assert.equal(status, 404);
  const { error, remedy } = body as { error: string; remedy: string };
  assert.match(error, /52:54:00:00:00:02/);
  assert.match(remedy, /\/api\/machines/);
});

test('packets are those of an attempt, of a time, or all', async () => {
  const { asked, served: api } = await served();
  await using _ = api;
  for (const query of ['?attempt=100-1', '?from=5&to=7', '?from=5', ''])
    assert.equal((await api.get(`/machines/${MAC}/packets${query}`)).status, 200, query);
  assert.deepEqual(asked, [
    [MAC, 50, 950],
    [MAC, 5, 7],
    [MAC, 5, Number.MAX_SAFE_INTEGER],
    [MAC, 0, Number.MAX_SAFE_INTEGER],
  ]);
});

test('wrong parameters are answered with what is wrong and what would be right', async () => {
  const { served: api } = await served();
  await using _ = api;
  const cases: [path: string, status: number, error: RegExp][] = [
    ['/machines/nonsense', 400, /"nonsense" is no MAC/],
    [`/machines/${MAC}/packets?from=soon`, 400, /from="soon" is not a whole number/],
    [`/machines/${MAC}/packets?since=5`, 400, /no parameter "since"/],
    [`/machines/${MAC}/packets?from=1&from=2`, 400, /from is given more than once/],
    [`/machines/${MAC}/packets?attempt=100-1&from=2`, 400, /together/],
    [`/machines/${MAC}/packets?attempt=7`, 404, /no attempt "7"/],
  ];
  for (const [path, status, wanted] of cases) {
    const answer = await api.json(path);
    const { error, remedy } = answer.body as { error: string; remedy: string };
    assert.equal(answer.status, status, path);
    assert.match(error, wanted);
    assert.ok(remedy.length > 0);
  }
});

test('while the journals cannot be read, callers are told to come back', async () => {
  const { served: api } = await served({
    machines: () => Promise.reject(new ObserverError('the journals are not read at the moment')),
  });
  await using _ = api;
  const { status, body } = await api.json('/machines');
  assert.equal(status, 503);
  assert.match((body as { remedy: string }).remedy, /again/);
  assert.deepEqual(api.events, []);
});
