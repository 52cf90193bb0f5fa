import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { download } from '../../src/assets/download.ts';
import { fetchLoader, LoaderError, type TftpRead } from '../../src/assets/loader-fetch.ts';
import { requires } from '../lab/requires.ts';
import { loaderSource } from '../profile.ts';
import { Folder } from './folder.ts';
import { nbp } from './headers.ts';

const loader = nbp();
const servers: http.Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** A server that answers as told; its URL. */
async function serve(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/undionly.kpxe`;
}

const noTftp: TftpRead = () => Promise.reject(new Error('not asked for'));
const never = new AbortController().signal;

function request(folder: Folder, url: string, sha256?: string) {
  return { images: folder.path, loader: loaderSource(url, sha256 ? { sha256: [sha256] } : {}) };
}

/** The fetch fails with these words and leaves nothing at all behind. */
async function fails(
  url: string,
  message: RegExp,
  code: LoaderError['code'],
  sha256?: string,
): Promise<void> {
  using folder = new Folder();
  await assert.rejects(fetchLoader(request(folder, url, sha256), noTftp, never), (error) => {
    assert.ok(error instanceof LoaderError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
  assert.deepEqual(readdirSync(folder.path), []);
}

test('a loader is fetched, and there is nothing else in the folder afterwards', async () => {
  using folder = new Folder();
  const url = await serve((_, response) => response.end(loader));
  assert.equal(await fetchLoader(request(folder, url), noTftp, never), loader.length);
  assert.deepEqual(readdirSync(folder.path), ['undionly.kpxe']);
  assert.deepEqual(readFileSync(folder.at('undionly.kpxe')), loader);
});

test('redirects are followed', async () => {
  using folder = new Folder();
  const url = await serve((incoming, response) => {
    if (incoming.url === '/real') response.end(loader);
    else response.writeHead(302, { location: '/real' }).end();
  });
  assert.equal(await fetchLoader(request(folder, url), noTftp, never), loader.length);
});

test('a fetch by hand replaces what is there', async () => {
  using folder = new Folder();
  folder.write('undionly.kpxe', 'old');
  const url = await serve((_, response) => response.end(loader));
  await fetchLoader(request(folder, url), noTftp, never);
  assert.deepEqual(readFileSync(folder.at('undionly.kpxe')), loader);
});

test('a failed fetch leaves what is there untouched', async () => {
  using folder = new Folder();
  folder.write('undionly.kpxe', 'old');
  const url = await serve((_, response) => response.end('<html>'));
  await assert.rejects(fetchLoader(request(folder, url), noTftp, never));
  assert.equal(readFileSync(folder.at('undionly.kpxe'), 'utf8'), 'old');
});

test('an error page with status 200 is not taken for a loader', async () => {
  const url = await serve((_, response) =>
    response.end(`<html><body>Log in!${' '.repeat(70_000)}</body></html>`),
  );
  await fails(url, /web page, not a loader/, 'content');
});

test('an error status is told with its number', async () => {
  await fails(
    await serve((_, response) => response.writeHead(404).end('no')),
    /answered 404 Not Found/,
    'source',
  );
  await fails(await serve((_, response) => response.writeHead(204).end()), /answered 204/, 'source');
});

test('a body that ends too early is refused', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': loader.length });
    response.write(loader.subarray(0, 30_000), () => response.destroy());
  });
  await fails(url, /connection (broke|was reset)/, 'source');
});

test('a chunked body that breaks off is refused', async () => {
  const url = await serve((_, response) => {
    response.write(loader.subarray(0, 30_000), () => response.destroy());
  });
  await fails(url, /connection (broke|was reset)/, 'source');
});

test('a connection that is reset is told as such', async () => {
  const url = await serve((incoming) => incoming.socket.resetAndDestroy());
  await fails(url, /reset|broke/, 'source');
});

test('a server that is not there is told as such', async () => {
  const url = await serve(() => {});
  servers.pop()!.close();
  await fails(url, /refuses the connection/, 'source');
  await fails('http://127.0.0.1:9/x', /port is on the list of those/, 'source');
});

test('a redirect without end is given up', async () => {
  await fails(
    await serve((_, response) => response.writeHead(302, { location: '/again' }).end()),
    /redirect/,
    'source',
  );
});

test('a wrong SHA-256 is refused, and both are named', async () => {
  const url = await serve((_, response) => response.end(loader));
  const right = createHash('sha256').update(loader).digest('hex');
  await fails(url, new RegExp(`SHA-256 ${right}, but LOADER_SHA256 says 00`), 'content', '0'.repeat(64));
});

test('more bytes than any loader has are not read to the end', async () => {
  const url = await serve((_, response) => {
    const more = () => {
      while (response.write(loader));
    };
    response.on('drain', more);
    more();
  });
  await assert.rejects(
    download(url, never, { size: 500_000, silence: 1000, total: 60_000 }),
    /larger than 500000/,
  );
  const announcing = await serve((_, response) =>
    response.writeHead(200, { 'content-length': 600_000 }).write('x'),
  );
  await assert.rejects(
    download(announcing, never, { size: 500_000, silence: 60_000, total: 60_000 }),
    /larger than/,
  );
});

test('a server that falls silent is given up', async () => {
  const url = await serve((_, response) => response.write('x'));
  await assert.rejects(
    download(url, never, { size: 1000, silence: 50, total: 60_000 }),
    /no answer for 0.05 seconds/,
  );
});

test('a server that drips for ever is given up', async () => {
  const url = await serve((_, response) => {
    const timer = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(
    download(url, never, { size: 100_000, silence: 60_000, total: 100 }),
    /not done after 0.1 seconds/,
  );
});

test('an abort ends a fetch at once and leaves nothing behind', async () => {
  using folder = new Folder();
  const stop = new AbortController();
  const url = await serve((_, response) => response.write('x', () => stop.abort(new Error('stopped'))));
  await assert.rejects(fetchLoader(request(folder, url), noTftp, stop.signal), /stopped/);
  assert.deepEqual(readdirSync(folder.path), []);
});

test('tftp:// sources are read through the TFTP client, and checked the same', async () => {
  using folder = new Folder();
  const asked: unknown[] = [];
  const readTftp: TftpRead = async (source) => {
    asked.push(source);
    return asked.length === 1 ? loader : Buffer.from('<html>');
  };
  await fetchLoader(request(folder, 'tftp://10.0.0.1/boot/a%20b.kpxe'), readTftp, never);
  assert.deepEqual(asked, [{ host: '10.0.0.1', port: 69, file: 'boot/a b.kpxe' }]);
  assert.deepEqual(readFileSync(folder.at('undionly.kpxe')), loader);
  await assert.rejects(fetchLoader(request(folder, 'tftp://h:6969/x'), readTftp, never), /web page/);
  assert.deepEqual(asked[1], { host: 'h', port: 6969, file: 'x' });
  const failing: TftpRead = () => Promise.reject(new Error('File not found'));
  await assert.rejects(
    fetchLoader(request(folder, 'tftp://h/x'), failing, never),
    /tftp:\/\/h\/x: File not found/,
  );
});

test('a folder that cannot be written is told with what to do', async () => {
  using folder = new Folder();
  rmSync(folder.path, { recursive: true });
  const url = await serve((_, response) => response.end(loader));
  await assert.rejects(fetchLoader(request(folder, url), noTftp, never), (error) => {
    assert.ok(error instanceof LoaderError);
    assert.equal(error.code, 'folder');
    assert.match(error.message, /undionly\.kpxe cannot be written, no such file: make that folder/);
    return true;
  });
});

for (const [state, options, message] of [
  ['full', 'size=16k', /the disk is full: make room there/],
  ['read-only', 'ro', /read-only: mount it without :ro/],
] as const) {
  test(
    `a ${state} images/ is told with what to do, and nothing half is left`,
    requires('root', 'mount', 'umount'),
    async () => {
      using folder = new Folder();
      mkdirSync(folder.at('images'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder.at('images')]);
      try {
        const url = await serve((_, response) => response.end(loader));
        const images = folder.at('images');
        await assert.rejects(fetchLoader({ ...request(folder, url), images }, noTftp, never), message);
        assert.deepEqual(readdirSync(images), []);
      } finally {
        execFileSync('umount', [folder.at('images')]);
      }
    },
  );
}
