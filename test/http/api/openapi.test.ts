import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Router } from 'express';
import { openapi } from '../../../src/http/api/openapi/document.ts';
import { apiParts } from '../../../src/http/api/parts.ts';
import { apiRoutes } from '../../../src/http/api/routes.ts';
import { GeneratedFiles } from '../../../src/http/generated-files.ts';
import { ObserverError } from '../../../src/http/observer/observed.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { bzImage, gzippedCpio } from '../../assets/headers.ts';
import { SETTINGS } from '../../dhcp/rig.ts';
import { profileOf } from '../../profile.ts';
import { conforms, isFailure, OPERATIONS, templateOf } from './document.ts';
import { Running, TOKEN } from './running.ts';
import { KNOWING, MAC } from './samples.ts';

/** What of the document has been held against a real answer. */
const seen = new Set<string>();

async function held(method: string, path: string, answer: Promise<Response>, status: number): Promise<void> {
  const response = await answer;
  assert.equal(response.status, status, `${method} ${path}: ${await response.clone().text()}`);
  seen.add(`${method.toLowerCase()} ${templateOf(path)} ${status}`);
  await conforms(method, path, response);
}

const READS = [
  '/api/appliance',
  '/api/health',
  '/api/machines',
  `/api/machines/${MAC}`,
  `/api/machines/${MAC}/packets?from=0`,
  `/api/machines/${MAC}/script`,
  '/api/log?limit=5',
  '/api/leases',
  '/api/images',
  `/api/explain?mac=${MAC}&firmware=ipxe&architecture=7&hostName=rack-1`,
  '/api/openapi.json',
  '/events',
  '/metrics',
];
const RELEASE = '/api/leases/10.0.0.10/release';

test('what is answered is what the document says, member by member', async () => {
  await using running = new Running();
  running.images.write('vmlinuz', bzImage());
  running.images.write('initrd.img', gzippedCpio);
  running.images.write('notes.txt', 'text');
  await running.start({ observed: KNOWING, token: TOKEN });
  await running.dhcp();
  running.rig.lease(MAC);
  for (const path of READS) await held('GET', path, running.call('GET', path), 200);
  await held('POST', RELEASE, running.post(RELEASE), 200);
  const silent = `/api/explain?mac=${MAC}&relay=10.9.0.1`;
  await held('GET', silent, running.call('GET', silent), 200);
});

test('nothing in images/ and nothing in the journals is answered by the same document', async () => {
  await using running = await new Running().start();
  for (const path of [
    '/api/images',
    '/api/leases',
    '/api/machines',
    '/api/health',
    '/api/appliance',
    '/api/log',
  ])
    await held('GET', path, running.call('GET', path), 200);
});

test('every failure is {error, remedy}, as the document says: foreign names, pages and callers', async () => {
  await using running = await new Running().start({ observed: KNOWING, token: TOKEN });
  await running.dhcp();
  for (const path of READS) {
    await held('GET', path, running.call('GET', path, { host: 'evil.example' }), 403);
    await held('GET', path, running.call('GET', path, { host: 'a@b' }), 400);
  }
  await held('POST', RELEASE, running.post(RELEASE, { origin: 'http://evil.example' }), 403);
  await held('POST', RELEASE, running.post(RELEASE, { authorization: 'Bearer wrong' }), 401);
  await held('POST', RELEASE, running.post(RELEASE, { 'content-type': 'text/plain' }), 415);
  await held('POST', RELEASE, running.post(RELEASE, {}, '{"half'), 400);
  await held('POST', RELEASE, running.post(RELEASE, {}, JSON.stringify('x'.repeat(20_000))), 413);
});

test('every failure is {error, remedy}, as the document says: what is not there, and who does not answer', async () => {
  await using running = await new Running().start({ observed: KNOWING });
  await held('POST', RELEASE, running.post(RELEASE), 503);
  await held('GET', '/api/explain', running.call('GET', `/api/explain?mac=${MAC}`), 503);
  await running.dhcp();
  await held('POST', RELEASE, running.post(RELEASE), 404);
  for (const path of ['/api/machines/00:00:00:00:00:00', '/api/machines/00:00:00:00:00:00/packets?attempt=1'])
    await held('GET', path, running.call('GET', path), 404);
  for (const path of ['/api/machines/zz', '/api/log?limit=none', '/api/explain', '/api/explain?mac=nonsense'])
    await held('GET', path, running.call('GET', path), 400);
  await using proxy = await new Running().start();
  await proxy.dhcp({ mode: 'proxy', settings: SETTINGS });
  await held('POST', RELEASE, proxy.post(RELEASE), 409);
});

test('journals that cannot be read at the moment, and faults of the server, are failures like all others', async () => {
  const away = async () => {
    throw new ObserverError('the journals are not read at the moment');
  };
  const unread = { machines: away, machine: away, packets: away, log: away, leases: away, coverage: away };
  await using running = await new Running().start({ observed: unread });
  for (const path of READS.filter((path) =>
    OPERATIONS.some((each) => each.path === templateOf(path) && each.statuses.includes(503)),
  ))
    if (!path.startsWith('/events') && !path.startsWith('/api/explain'))
      await held('GET', path, running.call('GET', path), 503);
  await held('GET', '/api/health', running.call('GET', '/api/health'), 200);
  await held('GET', `/api/machines/${MAC}/script`, running.call('GET', `/api/machines/${MAC}/script`), 200);
  const faulty = async () => {
    throw new TypeError('a secret of the server');
  };
  await using broken = await new Running().start({ observed: { machines: faulty } });
  const answer = await broken.call('GET', '/api/machines');
  assert.doesNotMatch(await answer.clone().text(), /secret/);
  await held('GET', '/api/machines', Promise.resolve(answer), 500);
  assert.ok(broken.events.some((event) => event.kind === 'http.failed' && event.reason.includes('a secret')));
});

test('paths that are not there and methods that a path does not have are failures too', async () => {
  await using running = await new Running().start();
  for (const path of [
    '/api',
    '/api/',
    '/api/nothing',
    '/api/machines/a/b/c',
    '/api/..%2f..%2fetc',
    '/api/%zz',
  ]) {
    const answer = await running.call('GET', path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    isFailure(await answer.json(), path);
  }
  for (const [method, path, allow] of [
    ['POST', '/api/machines', 'GET, HEAD'],
    ['DELETE', `/api/machines/${MAC}`, 'GET, HEAD'],
    ['GET', RELEASE, 'POST'],
    ['POST', '/events', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
  ] as const) {
    const answer = await running.call(method, path, { 'content-type': 'application/json' });
    assert.equal(answer.status, 405, path);
    assert.equal(answer.headers.get('allow'), allow);
    isFailure(await answer.json(), path);
  }
});

test('all of the document has been met in these tests, but for what takes a fault or a crowd', () => {
  const documented = OPERATIONS.flatMap(({ method, path, statuses }) =>
    statuses.filter((status) => status !== 500).map((status) => `${method} ${path} ${status}`),
  );
  const missing = documented.filter((each) => !seen.has(each) && each !== 'get /events 503');
  assert.deepEqual(missing, []);
});

test('every route that is mounted is in the document, and the other way round', () => {
  const sink = () => {};
  const profile = profileOf();
  const generated = new GeneratedFiles(profile, sink);
  const mounted = routesOf(apiRoutes(apiParts({ profile, generated, clock: systemClock, sink })));
  const documented = OPERATIONS.filter(({ path }) => path.startsWith('/api/'));
  assert.deepEqual(
    mounted.map((route) => route.replace(/:(\w+)/g, '{$1}')).toSorted(),
    documented.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
});

type Layer = Router['stack'][number];

/** "get /api/machines/:mac", of a router and those in it. */
function routesOf({ stack }: { readonly stack: readonly Layer[] }): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route) return route.stack.map(({ method }) => `${method} /api${route.path}`);
    return 'stack' in handle ? routesOf(handle as unknown as Router) : [];
  });
}

test('the document is sound: each call has a name of its own, and every reference leads somewhere', () => {
  const names = Object.values(openapi.paths).flatMap((item) =>
    Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(names).size, names.length);
  const text = JSON.stringify(openapi);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    assert.ok(name! in openapi.components.schemas, String(name));
  for (const name of Object.keys(openapi.components.schemas))
    assert.ok(text.includes(`"#/components/schemas/${name}"`), `${name} is used`);
});
