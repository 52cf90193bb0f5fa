import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logRoutes } from '../../../src/http/api/log.ts';
import type { LogQuery } from '../../../src/http/observer/observed.ts';
import { FakeObserved } from './fake-observed.ts';
import { Served } from './served.ts';

const LINE = { at: 5, service: 'dhcp', level: 'info', text: 'OFFER' } as const;

async function served() {
  const asked: LogQuery[] = [];
  const { observed } = new FakeObserved({
    log: async (query) => {
      asked.push(query);
      return [LINE];
    },
  });
  return { asked, served: await Served.start(logRoutes({ observed })) };
}

test('the log is asked for by machine, service, level, time and number of lines', async () => {
  const { asked, served: api } = await served();
  await using _ = api;
  const query = 'mac=52-54-00-00-00-01&service=dhcp&level=warn&before=77&limit=3';
  assert.deepEqual(await api.json(`/log?${query}`), { status: 200, body: [LINE] });
  await api.get('/log');
  assert.deepEqual(asked, [
    { mac: '52:54:00:00:00:01', service: 'dhcp', level: 'warn', before: 77, limit: 3 },
    { limit: 200 },
  ]);
});

test('what the log cannot be asked for is refused with the words that are known', async () => {
  const { served: api } = await served();
  await using _ = api;
  const cases: [query: string, said: RegExp][] = [
    ['service=smtp', /dhcp, tftp, http/],
    ['level=loud', /error, warn, info, debug/],
    ['limit=0', /from 1 to 1000/],
    ['limit=1001', /from 1 to 1000/],
    ['limit=-1', /whole number/],
    ['before=1e3', /whole number/],
    ['mac=5', /no MAC address/],
  ];
  for (const [query, said] of cases) {
    const { status, body } = await api.json(`/log?${query}`);
    assert.equal(status, 400, query);
    assert.match(Object.values(body as object).join(' '), said);
  }
});
