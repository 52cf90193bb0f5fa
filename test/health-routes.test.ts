import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../src/config/resolve.ts';
import { tellHealth } from '../src/health-routes.ts';

function told(service: Service) {
  let asked = 0;
  const supervisor = {
    problems: async () => [`problem ${++asked}`],
    mode: service === 'dhcp' ? ('proxy' as const) : undefined,
  };
  const { routes } = tellHealth({
    service,
    supervisor,
    journal: () => ['a gap'],
    since: 5,
    monotonic: () => 0,
    settings: 'abc',
  });
  const problems = async (route: 'GET /health' | 'GET /status') =>
    ((await routes[route]!(undefined)) as { problems: readonly string[] }).problems.join();
  return { routes, problems };
}

test('a probe is told what is so at this moment; who follows tftp by the second is told what was so some seconds ago', async () => {
  const { problems } = told('tftp');
  assert.equal(await problems('GET /status'), 'problem 1');
  assert.equal(await problems('GET /status'), 'problem 1');
  assert.equal(await problems('GET /health'), 'problem 2');
  assert.equal(await problems('GET /health'), 'problem 3');
});

test('dhcp and http say how they are at once, every time, and dhcp how it serves', async () => {
  const { routes, problems } = told('dhcp');
  assert.equal(await problems('GET /status'), 'problem 1');
  assert.equal(await problems('GET /status'), 'problem 2');
  const { version, ...health } = (await routes['GET /health']!(undefined)) as Record<string, unknown>;
  assert.match(String(version), /^\d+\.\d+\.\d+/);
  assert.deepEqual(health, {
    service: 'dhcp',
    problems: ['problem 3'],
    journal: ['a gap'],
    since: 5,
    mode: 'proxy',
    settings: 'abc',
  });
  assert.ok(!('mode' in ((await told('http').routes['GET /health']!(undefined)) as object)));
});
