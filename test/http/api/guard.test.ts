import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Running, TOKEN } from './running.ts';

const HEADERS = [
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
  'cross-origin-resource-policy',
] as const;

test('page, API, events and metrics carry headers that keep other sites out; machines’ files are inert', async () => {
  await using running = new Running();
  running.images.write('notes.txt', 'text');
  await running.start();
  for (const path of ['/', '/page/main.ts', '/api/health', '/api/nothing', '/events', '/metrics']) {
    const { headers } = await running.call('GET', path);
    for (const name of HEADERS) assert.ok(headers.get(name), `${path} has ${name}`);
    assert.equal(headers.get('access-control-allow-origin'), null);
  }
  // They lie beside the page, so what is opened of them in a browser must be nothing that runs.
  for (const [method, path] of [
    ...['/notes.txt', '/infrakit.ipxe', '/healthz', '/none', '/.hidden'].map((path) => ['GET', path]),
    ['POST', '/notes.txt'],
  ] as [string, string][]) {
    const { headers } = await running.call(method, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox", path);
    assert.equal(headers.get('cross-origin-resource-policy'), null, path);
  }
});

test('a machine fetches its files under any name, and whatever its headers say', async () => {
  await using running = new Running();
  running.images.write('vmlinuz', 'kernel');
  await running.start();
  const headers = { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
  for (const path of ['/vmlinuz', '/infrakit.ipxe', '/healthz'])
    assert.notEqual((await running.call('GET', path, headers)).status, 403, path);
  for (const path of ['/', '/page/main.ts', '/api/health', '/events', '/metrics'])
    assert.equal((await running.call('GET', path, headers)).status, 403, path);
});

test('refusals are told with the caller, a few at a time, and never with what was sent as token', async () => {
  await using running = await new Running().start({ token: TOKEN });
  for (let n = 0; n < 20; n++) {
    const answer = await running.post('/api/leases/10.0.0.10/release', {
      authorization: 'Bearer guessed-token',
    });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
  }
  const refused = running.events.filter(({ kind }) => kind === 'http.refused');
  assert.equal(refused.length, 5);
  assert.deepEqual(refused[0], {
    kind: 'http.refused',
    address: '127.0.0.1',
    status: 401,
    request: 'POST /api/leases/10.0.0.10/release',
    reason: 'the token is wrong',
  });
  assert.doesNotMatch(JSON.stringify(running.events), /guessed|a-token/);
});

test('the token is in no answer', async () => {
  await using running = await new Running().start({ token: TOKEN });
  for (const path of ['appliance', 'health', 'images', 'leases', 'openapi.json']) {
    const answer = await running.call('GET', `/api/${path}`, { authorization: `Bearer ${TOKEN}` });
    assert.equal(answer.status, 200);
    assert.ok(!(await answer.text()).includes(TOKEN), path);
  }
});

test('a name under DOMAIN is answered', async () => {
  await using running = await new Running().start({ domain: 'lab.example' });
  const of = async (host: string) => (await running.call('GET', '/api/health', { host })).status;
  assert.deepEqual([await of('boot.lab.example'), await of('boot.other.example')], [200, 403]);
});

test('dhcp is not asked to explain without end', async () => {
  await using running = await new Running().start();
  await running.dhcp();
  const asked = Array.from({ length: 60 }, () => running.call('GET', '/api/explain?mac=52:54:00:12:34:56'));
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.ok(statuses.includes(200));
  assert.ok(statuses.includes(503), 'all of them were answered');
});
