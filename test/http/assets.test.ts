import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { Rig } from './rig.ts';

const content = Buffer.from(Array.from({ length: 600_000 }, (_, index) => (index * 31) & 255));

async function serving(...names: string[]): Promise<Rig> {
  const rig = new Rig();
  for (const name of names) rig.images.write(name, content);
  return rig.start();
}

/** What is told when the last bytes have been acknowledged. */
async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isSo(); ) {
    assert.ok(Date.now() < deadline);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test('a file is sent whole, with length, type and version', async () => {
  await using rig = await serving('vmlinuz');
  const response = await rig.get('/vmlinuz');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-length'), '600000');
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  assert.equal(response.headers.get('accept-ranges'), 'bytes');
  assert.match(response.headers.get('etag') ?? '', /^"[^"]+"$/);
  assert.ok(Date.parse(response.headers.get('last-modified') ?? '') < Date.now());
  assert.equal(response.headers.get('x-powered-by'), null);
  assert.deepEqual(await bytesOf(response), content);
  await until(() => rig.of('http.asset.done').length > 0);
  assert.deepEqual(
    rig.of('http.asset.done').map(({ name, bytes }) => [name, bytes]),
    [['vmlinuz', 600_000]],
  );
});

test('HEAD has the headers of GET and no body', async () => {
  await using rig = await serving('vmlinuz');
  const head = await rig.get('/vmlinuz', {}, 'HEAD');
  assert.equal(head.headers.get('content-length'), '600000');
  assert.equal((await rig.get('/vmlinuz', { range: 'bytes=0-1' }, 'HEAD')).status, 200);
  assert.equal((await bytesOf(head)).length, 0);
  assert.deepEqual(rig.of('http.asset.start'), []);
});

test('any range is the part that it names', async () => {
  await using rig = await serving('vmlinuz');
  const at = fc.nat(650_000);
  const range = fc.oneof(
    fc
      .tuple(at, at)
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .map(([a, b]) => ({ header: `bytes=${a}-${b}`, a, b })),
    at.map((a) => ({ header: `bytes=${a}-`, a, b: Number.MAX_SAFE_INTEGER })),
    fc
      .integer({ min: 1, max: 700_000 })
      .map((n) => ({ header: `bytes=-${n}`, a: Math.max(0, 600_000 - n), b: 599_999 })),
  );
  await fc.assert(
    fc.asyncProperty(range, async ({ header, a, b }) => {
      const response = await rig.get('/vmlinuz', { range: header });
      const last = Math.min(b, 599_999);
      if (a > 599_999) {
        assert.equal(response.status, 416);
        assert.equal(response.headers.get('content-range'), 'bytes */600000');
        await response.arrayBuffer();
        return;
      }
      assert.equal(response.status, 206);
      assert.equal(response.headers.get('content-range'), `bytes ${a}-${last}/600000`);
      assert.deepEqual(await bytesOf(response), content.subarray(a, last + 1));
    }),
    { numRuns: 60 },
  );
});

test('ranges that are malformed, several, or of another unit are ignored', async () => {
  await using rig = await serving('vmlinuz');
  for (const range of ['bytes=a-b', 'bytes 0-1', 'bytes=0-1,5-6', 'lines=0-1']) {
    const response = await rig.get('/vmlinuz', { range });
    assert.equal(response.status, 200, range);
    assert.equal((await bytesOf(response)).length, 600_000);
  }
});

test('a version that the client has is not sent again', async () => {
  await using rig = await serving('vmlinuz');
  const first = await rig.get('/vmlinuz', {}, 'HEAD');
  const etag = first.headers.get('etag')!;
  const modified = first.headers.get('last-modified')!;
  for (const headers of [
    { 'if-none-match': etag },
    { 'if-none-match': '*' },
    { 'if-modified-since': modified },
  ]) {
    const response = await rig.get('/vmlinuz', headers as Record<string, string>);
    assert.equal(response.status, 304);
    assert.equal((await bytesOf(response)).length, 0);
  }
  rig.images.write('vmlinuz', 'another', 30);
  const changed = await rig.get('/vmlinuz', { 'if-none-match': etag });
  assert.equal(changed.status, 200);
  assert.equal(await changed.text(), 'another');
});

test('a range is continued only within the version that it began in', async () => {
  await using rig = await serving('vmlinuz');
  const first = await rig.get('/vmlinuz', {}, 'HEAD');
  const etag = first.headers.get('etag')!;
  const same = await rig.get('/vmlinuz', { range: 'bytes=5-9', 'if-range': etag });
  assert.equal(same.status, 206);
  await same.arrayBuffer();
  for (const other of [
    '"another"',
    `W/${etag}`,
    first.headers.get('last-modified')!,
    'Mon, 01 Jan 2001 00:00:00 GMT',
  ]) {
    const response = await rig.get('/vmlinuz', { range: 'bytes=5-9', 'if-range': other });
    assert.equal(response.status, 200, other);
    await response.arrayBuffer();
  }
});

test('lengths and ranges hold beyond 4 GiB', async () => {
  await using rig = new Rig();
  rig.images.write('disk.iso', '');
  truncateSync(rig.images.at('disk.iso'), 5 * 2 ** 30);
  appendFileSync(rig.images.at('disk.iso'), 'the end');
  rig.images.age('disk.iso', 60);
  await rig.start();
  const size = 5 * 2 ** 30 + 7;
  const head = await rig.get('/disk.iso', {}, 'HEAD');
  assert.equal(head.headers.get('content-length'), String(size));
  const tail = await rig.get('/disk.iso', { range: `bytes=${size - 7}-` });
  assert.equal(tail.headers.get('content-range'), `bytes ${size - 7}-${size - 1}/${size}`);
  assert.equal(await tail.text(), 'the end');
});

test('an empty file is sent as what it is', async () => {
  await using rig = new Rig();
  rig.images.write('empty', '');
  await rig.start();
  const response = await rig.get('/empty');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-length'), '0');
  assert.equal((await rig.get('/empty', { range: 'bytes=0-' })).status, 416);
});

test('types are those that firmware and people need', async () => {
  await using rig = new Rig();
  for (const name of ['x.efi', 'x.ipxe', 'x.img']) rig.images.write(name, 'x');
  await rig.start();
  const type = async (name: string) => (await rig.get(name, {}, 'HEAD')).headers.get('content-type');
  assert.equal(await type('/x.efi'), 'application/efi');
  assert.equal(await type('/x.ipxe'), 'text/plain; charset=utf-8');
  assert.equal(await type('/x.img'), 'application/octet-stream');
});

test('what lies outside, is hidden, or is no file is not served, and its path is not told', async () => {
  await using rig = new Rig();
  symlinkSync('/etc/hostname', rig.images.at('out'));
  mkdirSync(rig.images.at('sub'));
  rig.images.write('.hidden', 'secret');
  rig.images.write('sub/file', 'inner');
  execFileSync('mkfifo', [rig.images.at('fifo')]);
  await rig.start();
  const expected: Record<string, number> = {
    '/out': 403,
    '/.hidden': 403,
    '/..%2f..%2f..%2fetc%2fpasswd': 403,
    '/%2e%2e/%2e%2e/etc/passwd': 404,
    '/..%5c..%5cetc%5cpasswd': 403,
    '/sub/..%2f..%2fx': 403,
    '/vmlinuz%00.img': 403,
    '/a%0d%0ab': 403,
    '/sub': 404,
    '/sub/': 404,
    '/fifo': 404,
    '/package.json': 404,
    '/%ff': 400,
    '/%': 400,
  };
  for (const [path, status] of Object.entries(expected)) {
    const response = await rig.get(path);
    const text = await response.text();
    assert.equal(response.status, status, path);
    assert.ok(!text.includes(rig.images.path) && text.length < 100, text);
  }
  assert.equal(await (await rig.get('/sub/file')).text(), 'inner');
});

test('a name that is not there is told with the nearest one', async () => {
  await using rig = await serving('vmlinuz');
  assert.equal((await rig.get('/vmlinux')).status, 404);
  assert.deepEqual(
    rig.of('http.not-found').map(({ name, nearest }) => [name, nearest]),
    [['vmlinux', 'vmlinuz']],
  );
});

test('only reading is allowed', async () => {
  await using rig = await serving('vmlinuz');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    for (const path of ['/vmlinuz', '/', '/infrakit.ipxe']) {
      const response = await rig.get(path, {}, method);
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get('allow'), 'GET, HEAD');
      await response.arrayBuffer();
    }
  }
});

test('a machine that hangs up is no failure, and how far it came is told', { timeout: 20_000 }, async () => {
  await using rig = new Rig();
  rig.images.write('disk.iso', '');
  truncateSync(rig.images.at('disk.iso'), 2 ** 32);
  rig.images.age('disk.iso', 60);
  await rig.start();
  const socket = net.connect(rig.service.port, '127.0.0.1');
  socket.write('GET /disk.iso HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await until(() => rig.of('http.asset.aborted').length > 0);
  const [aborted] = rig.of('http.asset.aborted');
  assert.equal(aborted!.wanted, 2 ** 32);
  assert.ok(aborted!.bytes < 2 ** 30);
  assert.equal(aborted!.reason, undefined);
  assert.equal(rig.of('http.failed').length, 0);
});

test('a file that is overwritten during its transfer breaks the connection instead of mixing versions', async () => {
  await using rig = new Rig();
  rig.images.write('disk.iso', '');
  truncateSync(rig.images.at('disk.iso'), 2 ** 30);
  rig.images.age('disk.iso', 60);
  await rig.start();
  const socket = net.connect(rig.service.port, '127.0.0.1');
  socket.write('GET /disk.iso HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  rig.images.age('disk.iso', 30);
  let received = 0;
  socket.on('data', (data) => {
    received += data.length;
  });
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'close');
  assert.ok(received < 2 ** 30);
  assert.match(
    rig.of('http.asset.aborted')[0]?.reason ?? '',
    /disk\.iso was changed while it was being sent/,
  );
});

test('machines that hang up at once leave no descriptor open', { timeout: 20_000 }, async () => {
  await using rig = await serving('vmlinuz');
  for (let round = 0; round < 100; round++) {
    const socket = net.connect(rig.service.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET /vmlinuz HTTP/1.1\r\nHost: x\r\n\r\n', () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  await until(() => rig.images.descriptors() === 0);
  assert.equal((await bytesOf(await rig.get('/vmlinuz'))).length, 600_000);
});
