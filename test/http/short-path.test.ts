import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Event } from '../../src/journal/event.ts';
import { bzImage } from '../assets/headers.ts';
import { Rig } from './rig.ts';
import { within } from './within.ts';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) & 255));
/** Not for the short path: a connection that begins with it is the complete http server's for good. */
const COMPLETE = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
/** Ends every connection, and is told by no event. */
const LAST = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

async function serving(threads = 1): Promise<Rig> {
  const rig = new Rig();
  rig.images.write('vmlinuz', bzImage());
  rig.images.write('a.img', content);
  rig.images.write('.hidden', 'secret');
  rig.images.write('empty', '');
  return rig.start({}, { threads });
}

/**
 * All that comes back for the pieces, sent one a turn; Date apart, which may be another second's. `first` is asked, and answered, before;
 * what is left open is ended by one more request.
 */
async function answersTo(rig: Rig, pieces: readonly string[], first = ''): Promise<string> {
  const socket = net.connect(rig.service.port, '127.0.0.1').setNoDelay();
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.write(first);
  if (first) await once(socket, 'data');
  let left = pieces.length;
  const end = () => {
    const head = answer.replace(/^HTTP\/1.1 100.*\r\n\r\n/, '').match(/^[\s\S]*?\r\n\r\n/)?.[0];
    if (left !== 0 || !head || /^connection: close/im.test(head)) return;
    left = -1;
    socket.write(LAST);
  };
  socket.on('data', (text: string) => {
    answer += text;
    end();
  });
  for (const piece of pieces) {
    socket.write(Buffer.from(piece, 'latin1'));
    await turn();
    left--;
  }
  end();
  await closed;
  return answer.replace(/^Date: .*$/gm, 'Date: -');
}

/** What is the same for the same request, however it was read. */
function told(events: readonly Event[]): unknown[] {
  return (
    events
      .filter(({ kind }) => !/progress|done|aborted/.test(kind))
      // The guard of the API tells refusals sparingly.
      .filter((event) => !('reason' in event && /JSON|Host header|read/.test(`${event.reason}`)))
      .map((event) => ({ ...event, transfer: 0 }))
  );
}

/** The same bytes on the short path, and behind a request that takes the connection to the complete server: answers and events. */
async function both(rig: Rig, pieces: readonly string[]) {
  const ask = async (first: string, events: number) => {
    rig.events.length = 0;
    const answer = await answersTo(rig, pieces, first);
    // Another thread's are told a little after its answers.
    await within(EVENTS_MS, () => told(rig.events).length >= events).catch(() => undefined);
    return { answer, events: told(rig.events) };
  };
  const complete = await ask(COMPLETE, 0);
  return { short: await ask('', complete.events.length), complete };
}
const EVENTS_MS = 5000;
const THREADS = [1, 3];

const target = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('/infrakit.ipxe', '/a.img', '/empty', '/grub/grub.cfg', '//a.img'),
  },
  fc.constantFrom(
    '/none',
    '/.hidden',
    '/../x',
    '/./a.img',
    '/a.img/',
    '/a%2eimg',
    '/a.img?x=1',
    '/a.img#x',
    '/%',
    '*',
  ),
  fc.constantFrom(
    '/API',
    '/api/',
    '/page/none',
    '/Metrics/x',
    '/HEALTHZ',
    '/eventsx',
    'http://x/a.img',
    '/healthz/',
  ),
);
const date = fc.constantFrom('Mon, 01 Jan 2001 00:00:00 GMT', 'Fri, 01 Jan 2100 00:00:00 GMT', 'x');
const header = fc.oneof(
  fc.constantFrom(
    'Connection: keep-alive',
    'connection: Close',
    'Connection: x',
    'Accept: */*',
    'User-Agent: iPXE/1.0',
  ),
  fc.constantFrom(
    'Host: y',
    'X:',
    'X:\t1',
    'X: a b ',
    'X : 1',
    ' x: 1',
    'X: \u00e9',
    'X: a\u0001',
    'X-\u00fc: 1',
    'Te: trailers',
  ),
  fc.constantFrom(
    'Expect: 100-continue',
    'Upgrade: h2c',
    'Content-Length: 0',
    'Proxy-Connection: close',
    'Keep-Alive: 3',
  ),
  fc.constantFrom(
    'Range: bytes=0-9',
    'range:bytes=-5',
    'Range: bytes=400000-',
    'Range: bytes=0-1,4-5',
    'Range: lines=1-2',
  ),
  fc.constantFrom(
    'If-None-Match: *',
    'If-None-Match: "x", W/"y"',
    'Cache-Control: no-cache',
    'If-Range: "x"',
    '__proto__: 1',
  ),
  date.map((value) => `If-Modified-Since: ${value}`),
);
const request = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'get', 'OPTIONS'),
    target,
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1'),
    host: fc.constantFrom(['Host: 10.0.0.1'], ['host:x'], []),
    headers: fc.array(header, { maxLength: 3 }),
  })
  .map(({ method, target, version, host, headers }) =>
    [`${method} ${target} ${version}`, ...host, ...headers, '', ''].join('\r\n'),
  );

/** Somewhere before the blank line, a byte that is not there, or one too many. */
const damaged = fc
  .tuple(
    request,
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.constantFrom('', ...' \t:\r\n\0/"\u0080'),
  )
  .map(([text, where, byte]) => {
    const at = Math.floor(where * (text.length - 4));
    return text.slice(0, at) + byte + text.slice(at + (byte === '' ? 1 : 0));
  });

function cut(text: string, at: readonly number[]): string[] {
  const places = [
    0,
    ...at.map((share) => Math.floor(share * text.length)).sort((a, b) => a - b),
    text.length,
  ];
  return places.slice(1).map((end, n) => text.slice(places[n], end));
}
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });

for (const threads of THREADS)
  test(`whatever is asked, and in whatever pieces, is answered as the complete http server answers it, by ${threads} thread(s)`, {
    timeout: 120_000,
  }, async () => {
    await using rig = await serving(threads);
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, damaged), places, async (text, at) => {
        const { short, complete } = await both(rig, cut(text, at));
        assert.deepEqual(short, complete);
      }),
      { numRuns: 300 },
    );
  });

for (const threads of THREADS)
  test(`requests that are sent ahead are answered in their order, on the short path and off it, by ${threads} thread(s)`, {
    timeout: 60_000,
  }, async () => {
    await using rig = await serving(threads);
    const plain = fc.constantFrom(
      '/a.img',
      '/infrakit.ipxe',
      '/none',
      '/empty',
      '/healthz',
      '/a.img?x',
      '/a%2eimg',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 8 }), places, async (paths, at) => {
        const text = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('');
        const { short, complete } = await both(rig, cut(text, at));
        assert.equal(short.answer, complete.answer);
        // The complete server looks at requests ahead of their turn: what is told of them has another order.
        const sorted = (events: unknown[]) => events.map((event) => JSON.stringify(event)).sort();
        assert.deepEqual(sorted(short.events), sorted(complete.events));
      }),
      { numRuns: 60 },
    );
  });

test('a machine that says no more than its request gets all of its file', async () => {
  await using rig = await serving();
  const socket = net.connect({ port: rig.service.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('GET /a.img HTTP/1.1\r\nHost: x\r\n\r\n');
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  const answer = Buffer.concat(parts);
  assert.deepEqual(answer.subarray(answer.indexOf('\r\n\r\n') + 4), content);
});

test('a client that asks for much and reads nothing is not answered without end', {
  timeout: 60_000,
}, async () => {
  await using rig = await serving();
  const socket = net.connect(rig.service.port, '127.0.0.1');
  socket.on('error', () => {});
  const asked = 'GET /infrakit.ipxe HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000);
  let sent = 0;
  for (let quiet = 0, last = -1; quiet < 20; ) {
    if (socket.write(asked) || socket.writableLength < 1e6) sent += 1000;
    await new Promise((resolve) => setTimeout(resolve, 10));
    const answered = rig.of('http.script').length;
    quiet = answered === last ? quiet + 1 : 0;
    last = answered;
    assert.ok(answered < 100_000, 'it is still being answered');
  }
  assert.ok(rig.of('http.script').length < sent, 'what is not answered is not read either');
  socket.destroy();
});
