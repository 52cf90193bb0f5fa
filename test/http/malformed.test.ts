import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rig } from './rig.ts';

test('what is not HTTP gets 400 and the connection is closed', async () => {
  await using rig = await new Rig().start();
  for (const bytes of [
    'GARBAGE\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\nHost x\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: a\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
  ]) {
    assert.match(await rig.raw(bytes), /^HTTP\/1\.1 400 Bad Request\r\n/, JSON.stringify(bytes));
  }
  assert.equal(rig.of('http.refused').length, 6);
  assert.equal((await rig.get('/')).status, 200);
});

test('endless headers are refused', async () => {
  await using rig = await new Rig().start();
  assert.match(
    await rig.raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
    /^HTTP\/1\.1 4\d\d /,
  );
});

test('an absolute URL in the request line is taken for its path', async () => {
  await using rig = await new Rig().start();
  const answer = await rig.raw(
    'GET http://10.0.0.1/infrakit.ipxe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n#!ipxe\n/);
});

test('an old client that speaks HTTP/1.0 without Host is served', async () => {
  await using rig = await new Rig().start();
  assert.match(await rig.raw('GET /infrakit.ipxe HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 OK\r\n/);
});

test('whatever path is asked for, the service answers and goes on', async () => {
  await using rig = await new Rig().start();
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '%00',
      '%',
      '%ff',
      '\\',
      '?',
      '#',
      ';',
      '//',
      '*',
      'infrakit.ipxe',
    ),
    fc.string({ maxLength: 5 }).map(encodeURIComponent),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const answer = await rig.raw(
        `GET /${pieces.join('')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 (200|400|403|404) /);
    }),
  );
  assert.equal(rig.of('http.failed').length, 0);
});

test('bytes of any kind end no more than their own connection', async () => {
  await using rig = await new Rig().start();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      await rig.raw(Buffer.concat([bytes, Buffer.from('\r\n\r\n')])).catch(() => {});
    }),
    { numRuns: 40 },
  );
  assert.equal((await rig.get('/')).status, 200);
});
