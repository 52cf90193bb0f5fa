import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { openImages } from '../../src/assets/images.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { decode } from '../../src/protocol/tftp/codec.ts';
import { startTftp, type TftpService } from '../../src/tftp/service.ts';
import { Folder } from '../assets/folder.ts';
import { profileFor, Rig } from '../http/rig.ts';

/** Files with names that mean something to somebody; each holds its own name. */
const SERVED = [
  'vmlinuz', 'a b', '%', '%2e%2e', 'a%2fb', 'a%252fb', 'a#b', 'a?b', 'a&b;c', 'ü', 'u\u0308', `x'y"z`, '${net0}', '||', '-n', 'dot.', 'blank ', ' blank',
  '\u202egnp.exe', '\u200b', '💥', 'n'.repeat(255), 'sub/inner', 'sub/%2e%2e', 'CON', 'a:b', '~', '*', 'link',
]; // biome-ignore format: a table

const HIDDEN = [
  '.hidden',
  '.vmlinuz.0a1b2c.remoteboot-part',
  '.git/config',
  'sub/.secret',
  '..%2f',
  '...',
  '..x',
];
const SECRET = 'SECRET';

/** How else a file may be asked for, since firmware does. */
const ALSO = [
  '/vmlinuz',
  '//vmlinuz',
  './vmlinuz',
  '/./vmlinuz',
  '\\vmlinuz',
  'sub//inner',
  'sub/./inner',
  '\\sub\\inner',
];

const bytes = (...codes: number[]) => String.fromCharCode(...codes);

/** Names, a character a byte; none of them gets anything. */
const REFUSED = (outside: string) => [
  ...HIDDEN, ...HIDDEN.map((name) => `/${name}`), '', '.', '..', '/', '//', '\\', '../', 'sub', 'sub/', 'sub/.', 'vmlinuz/', 'vmlinuz/x', 'vmlinuz ', 'vmlinuz.',
  'VMLINUZ', '../secret', '/../secret', 'sub/../../secret', '..\\secret', 'sub\\..\\..\\secret', '.\\.\\..\\secret', '..//secret', '.../secret', '%2e%2e/secret',
  '..%2fsecret', '%252e%252e%252fsecret', '..%5csecret', `${outside}/secret`, '/etc/hostname', '\\etc\\hostname', '//etc/hostname', 'C:\\secret',
  `${'../'.repeat(60)}etc/hostname`, `${'sub/../'.repeat(60)}../secret`, 'out', 'outside/secret', 'zero', 'environ', 'fifo', 'root/etc/hostname', 'up/secret',
  `${bytes(0xc0, 0xae, 0xc0, 0xae)}/secret`, `${bytes(0xe0, 0x80, 0xae, 0xe0, 0x80, 0xae)}/secret`, bytes(0xff, 0xfe), bytes(0xed, 0xa0, 0x80), 'vmlinuz\n', '\rvmlinuz',
  'vm\u007flinuz', 'n'.repeat(256), 'n'.repeat(5000), `${'n/'.repeat(300)}x`, `${'n/'.repeat(2500)}x`, `file://${outside}/secret`,
]; // biome-ignore format: a table

/** What an HTTP request may have as its target besides. */
const TARGETS = [
  '/../secret', '/..%2fsecret', '/%2e%2e/secret', '/%2e%2e%2fsecret', '/%2E%2E%5Csecret', '/..%5csecret', '/..\\secret', '/sub/..%2f..%2fsecret', '/%252e%252e%252fsecret',
  '/%c0%ae%c0%ae/secret', '/%c0%ae%c0%ae%c0%afsecret', '/%u002e%u002e/secret', '/%uff0e%uff0e/secret', '/vmlinuz%00', '/%00', '/vmlinuz%00.txt', '/vm\0linuz', '/%ff', '/%', '/%2',
  '/%zz', '/vmlinuz%0d%0aX: y', '/vmlinuz%2f', '//../secret', '///..//secret', 'http://x/../secret', 'http://x/..%2fsecret', '/;/../secret', '/sub/..;/..;/secret', '/.%2e/secret', '/%2e./secret',
  `/${'../'.repeat(500)}etc/hostname`, `/${'%2e%2e/'.repeat(500)}etc/hostname`, `/${'n'.repeat(9000)}`, '/%2ehidden', '/sub%2f.secret', '/sub/%2esecret', '/images/vmlinuz/../../secret',
]; // biome-ignore format: a table

describe('names that are asked for, by TFTP and by HTTP', () => {
  const rig = new Rig();
  const outside = new Folder();
  let tftp: TftpService;
  let sockets: net.Server;

  before(async () => {
    const { images } = rig;
    for (const folder of ['sub', '.git']) mkdirSync(images.at(folder));
    for (const name of SERVED.filter((each) => each !== 'link')) images.write(name, `file ${name}`);
    for (const name of HIDDEN) images.write(name, SECRET);
    outside.write('secret', SECRET);
    images.write('linked', 'file link');
    const links = {
      link: 'linked', out: outside.at('secret'), outside: outside.path, up: '..', root: '/', zero: '/dev/zero', environ: '/proc/self/environ',
    }; // biome-ignore format: a table
    for (const [name, to] of Object.entries(links)) symlinkSync(to, images.at(name));
    writeFileSync(Buffer.concat([Buffer.from(images.at('latin1-')), Buffer.from([0xfc])]), SECRET);
    execFileSync('mkfifo', [images.at('fifo')]);
    sockets = net.createServer().listen(images.at('socket'));
    await rig.start();
    const profile = profileFor(images.path);
    const assets = openImages(profile.paths, () => {});
    tftp = await startTftp({ profile, assets, sink: () => {}, clock: systemClock, port: 0 });
  });
  after(async () => {
    sockets.close();
    await tftp.stop();
    await rig[Symbol.asyncDispose]();
    outside[Symbol.dispose]();
  });

  /** The one block of a small file, or undefined where there is an ERROR. @param name a character a byte. */
  async function byTftp(name: string): Promise<string | undefined> {
    const socket = dgram.createSocket('udp4');
    try {
      socket.send(Buffer.from(`\0\x01${name}\0octet\0`, 'latin1'), tftp.port, '127.0.0.1');
      const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(20_000) })) as [Buffer];
      const packet = decode(answer);
      if (packet.type === 'data') socket.send(Buffer.from([0, 4, 0, 1]), tftp.port, '127.0.0.1');
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(['data', 'error'].includes(packet.type), packet.type);
      for (const { path } of [outside, rig.images])
        assert.ok(name.includes(path) || !answer.includes(path), 'no path of this host');
      return packet.type === 'data' ? Buffer.from(packet.data).toString() : undefined;
    } finally {
      socket.close();
    }
  }

  /** The body of a 200; undefined for every other answer. @param more headers that take the request off the short path. */
  async function byHttp(target: string, more = ''): Promise<string | undefined> {
    const answer = await rig.raw(
      Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`, 'latin1'),
    );
    const [, status, head = '', body = ''] =
      /^HTTP\/1\.1 (\d{3}) ([\s\S]*?)\r\n\r\n([\s\S]*)$/.exec(answer) ?? [];
    assert.ok(
      status !== undefined && ['200', '400', '403', '404', '431'].includes(status),
      `${target}: ${status}`,
    );
    assert.ok(!answer.includes(SECRET) && !head.includes('X: y'), target);
    assert.ok(!answer.includes(outside.path) && !answer.includes(rig.images.path), 'no path of this host');
    return status === '200' ? Buffer.from(body, 'latin1').toString() : undefined;
  }

  const latin1 = (name: string) => Buffer.from(name).toString('latin1');
  const escaped = (name: string) =>
    `/${name.replace(/[^\w./-]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)}`;

  test('a file is had by its own name, whatever that is, and by nothing that only looks like it', async () => {
    for (const name of SERVED) {
      assert.equal(await byTftp(latin1(name)), `file ${name}`);
      assert.equal(await byHttp(escaped(latin1(name))), `file ${name}`);
      assert.equal(await byHttp(escaped(latin1(name)), 'TE: trailers\r\n'), `file ${name}`);
    }
    for (const name of ALSO) {
      const content = `file ${name.includes('inner') ? 'sub/inner' : 'vmlinuz'}`;
      assert.equal(await byTftp(name), content, name);
      assert.equal(await byHttp(escaped(name)), content, name);
    }
  });

  test('no name leads out, to what is hidden, or to what is no file', { timeout: 60_000 }, async () => {
    for (const name of [
      ...REFUSED(outside.path),
      'socket',
      'latin1-ü',
      bytes(...Buffer.from('latin1-'), 0xfc),
    ]) {
      assert.equal(await byTftp(name), undefined, JSON.stringify(name));
      if (['', '.', '/', '//', '\\'].includes(name)) continue;
      for (const more of ['', 'TE: trailers\r\n'])
        assert.equal(await byHttp(escaped(name), more), undefined, name);
    }
    assert.equal(await byTftp('vmlinuz\0.img'), undefined, 'a NUL ends the name, and the mode is none');
  });

  test('no target of HTTP does either, however it is escaped', { timeout: 60_000 }, async () => {
    for (const target of TARGETS)
      for (const more of ['', 'TE: trailers\r\n'])
        assert.equal(await byHttp(target, more), undefined, target);
    for (const target of ['/vmlinuz?../secret', '/vmlinuz?%2e%2e%2fsecret', 'http://x/vmlinuz'])
      assert.equal(await byHttp(target), 'file vmlinuz', target);
  });

  test('whatever is put together of such pieces, it is a file of images/ or nothing', {
    timeout: 60_000,
  }, async () => {
    const files = new Set(SERVED.map((name) => `file ${name}`));
    const piece = fc.constantFrom(
      '..', '.', '/', '//', '\\', 'sub', 'up', 'out', 'outside', 'root', 'secret', 'inner', 'vmlinuz', 'link', '%2e', '%2f', '%5c', '%00', '%25', '\u00c0\u00ae', '\u00ff',
      'etc', 'hostname', ' ', '?', '#', 'fifo', '.hidden', 'zero',
    ); // biome-ignore format: a table
    const name = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(name, async (each) => {
        for (const content of [await byTftp(each), await byHttp(escaped(each)), await byHttp(`/x/${each}`)])
          assert.ok(
            content === undefined || files.has(content) || content.includes('<!doctype'),
            JSON.stringify(each),
          );
      }),
      { numRuns: 300 },
    );
    assert.equal(await byTftp('vmlinuz'), 'file vmlinuz');
  });
});
