import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, rmSync, truncateSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { startHttp } from '../../src/http/service.ts';
import { bzImage, gzippedCpio, pe } from '../assets/headers.ts';
import { profileFor, Rig } from './rig.ts';

test('the script boots what is in images/, and health is ok', async () => {
  await using rig = new Rig();
  rig.images.write('vmlinuz', bzImage());
  rig.images.write('initrd.img', gzippedCpio);
  await rig.start({ cmdline: 'console=ttyS0' });
  const response = await rig.get('/infrakit.ipxe');
  assert.equal(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.match(
    await response.text(),
    /^#!ipxe\n[\s\S]*\nkernel vmlinuz initrd=initrd\.img console=ttyS0 \|\|/,
  );
  const health = await rig.get('/healthz');
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: 'ok' });
  assert.deepEqual(rig.service.problems(), []);
  assert.equal(rig.of('http.script')[0]?.address, '127.0.0.1');
});

test('without a kernel health says what is missing, and a kernel that is dropped in ends that', async () => {
  await using rig = await new Rig().start();
  const sick = await rig.get('/healthz');
  assert.equal(sick.status, 503);
  const { problems } = (await sick.json()) as { problems: string[] };
  assert.match(problems.join(), /no kernel in the folder images\//);
  rig.images.write('vmlinuz', bzImage());
  assert.match(await (await rig.get('/infrakit.ipxe')).text(), /\nkernel vmlinuz/);
  assert.equal((await rig.get('/healthz')).status, 200);
  assert.deepEqual(
    rig.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('http.choice')),
    ['http.choice.missing', 'http.choice.ready'],
  );
});

test('images/ that cannot be read is told by health and on the screen', async () => {
  await using rig = await new Rig().start();
  rmSync(rig.images.path, { recursive: true });
  assert.match(await (await rig.get('/infrakit.ipxe')).text(), /images\/ cannot be read/);
  assert.match(await (await rig.get('/healthz')).text(), /no such file/);
});

test('the first page is for people, and nothing of it is for other sites', async () => {
  await using rig = await new Rig().start();
  const response = await rig.get('/');
  assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(await response.text(), /<title>[^<]*remoteboot/i);
  assert.match(
    response.headers.get('content-security-policy') ?? '',
    /^default-src 'none'; script-src 'self'/,
  );
  const main = await rig.get('/page/main.ts');
  assert.match(main.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.equal((await rig.get('/page/none')).status, 404);
  assert.equal((await rig.get('/', { origin: 'http://evil.example' })).status, 403);
});

test('the script has an entity tag, and is not sent twice to one who has it', async () => {
  await using rig = await new Rig().start();
  const first = await rig.get('/infrakit.ipxe');
  await first.text();
  const etag = first.headers.get('etag')!;
  assert.equal((await rig.get('/infrakit.ipxe', { 'if-none-match': etag })).status, 304);
});

test('one connection serves script, kernel and initrd one after the other', async () => {
  await using rig = new Rig();
  rig.images.write('vmlinuz', bzImage());
  rig.images.write('initrd.img', gzippedCpio);
  await rig.start();
  const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  const answer = await rig.raw(
    request('/infrakit.ipxe') + request('/vmlinuz') + request('/initrd.img', 'Connection: close\r\n'),
  );
  assert.equal(answer.match(/HTTP\/1\.1 200 OK/g)?.length, 3);
  assert.ok(answer.endsWith(gzippedCpio.toString('latin1')));
});

test('stop ends idle connections and downloads in well under a second', async () => {
  await using rig = new Rig();
  rig.images.write('disk.iso', '');
  truncateSync(rig.images.at('disk.iso'), 2 ** 32);
  rig.images.age('disk.iso', 60);
  await rig.start();
  const idle = net.connect(rig.service.port, '127.0.0.1');
  idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const busy = net.connect(rig.service.port, '127.0.0.1');
  busy.write('GET /disk.iso HTTP/1.1\r\nHost: x\r\n\r\n');
  for (const socket of [idle, busy]) socket.on('error', () => {});
  await Promise.all([once(idle, 'data'), once(busy, 'data')]);
  busy.pause();
  const begun = performance.now();
  await rig.service.stop();
  assert.ok(performance.now() - begun < 500);
  busy.resume();
  await Promise.all([once(busy, 'close'), idle.destroyed || once(idle, 'close')]);
});

test('a port that is taken is an error with its code; nothing goes on running, and nothing is told of images/ meanwhile', async () => {
  await using rig = await new Rig().start();
  const profile = { ...profileFor(rig.images.path), httpPort: rig.service.port };
  const told: string[] = [];
  await assert.rejects(startHttp({ profile, sink: ({ kind }) => told.push(kind) }), { code: 'EADDRINUSE' });
  assert.deepEqual(told, []);
});

test('where another host is advertised, the adapter’s own address is listened on', async () => {
  await using rig = new Rig();
  const profile = profileFor(rig.images.path);
  const elsewhere = { ...profile, addresses: { ...profile.addresses, http: 0xc0000201 } };
  const service = await startHttp({ profile: elsewhere, sink: () => {} });
  try {
    assert.equal(service.address, '127.0.0.1');
    const script = await (await fetch(`http://127.0.0.1:${service.port}/infrakit.ipxe`)).text();
    assert.match(script, /http:\/\/192\.0\.2\.1/);
  } finally {
    await service.stop();
  }
});

test('what of CMDLINE GRUB cannot hand on is told once, and only where there is a GRUB to be booted', async () => {
  await using rig = new Rig();
  rig.images.write('vmlinuz', bzImage());
  await rig.start({ cmdline: 'host=${hostname} mac=${net0/mac}' });
  await rig.get('/grub/grub.cfg');
  assert.deepEqual(rig.of('http.grub.lost'), []);
  rig.images.write('grubx64.efi', pe('x64'));
  for (let time = 0; time < 2; time++) await (await rig.get('/grub/grub.cfg')).text();
  assert.deepEqual(rig.of('http.grub.lost'), [{ kind: 'http.grub.lost', lost: ['${hostname}'] }]);
});

test('generated files are no boot content: with them alone there is still no kernel', async () => {
  await using rig = await new Rig().start();
  const { problems } = (await (await rig.get('/healthz')).json()) as { problems: string[] };
  assert.match(problems.join(), /no kernel/);
  for (const name of ['infrakit.ipxe', 'autoexec.ipxe', 'grub/grub.cfg'])
    assert.ok(existsSync(rig.images.at(name)), name);
  assert.deepEqual(rig.of('http.images.unreadable'), []);
  await (await rig.get('/autoexec.ipx')).text();
  assert.equal(rig.of('http.not-found')[0]?.nearest, 'autoexec.ipxe');
});
