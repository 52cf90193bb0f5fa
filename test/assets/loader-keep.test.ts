import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { writeAtomically } from '../../src/assets/atomic-write.ts';
import type { TftpRead } from '../../src/assets/loader-fetch.ts';
import { LoaderKeeper } from '../../src/assets/loader-keep.ts';
import type { Event } from '../../src/journal/event.ts';
import { loaderSource } from '../profile.ts';
import { Folder } from './folder.ts';
import { nbp } from './headers.ts';

const loader = nbp();

/** A keeper whose source answers with these, one a time, and whose pauses take no time. */
function keeper(folder: Folder, answers: readonly (Uint8Array | Error)[], pausing = () => {}) {
  const events: Event[] = [];
  const pauses: number[] = [];
  let asked = 0;
  const readTftp: TftpRead = async () => {
    const answer = answers[asked++];
    if (answer === undefined) throw new Error('asked too often');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const made = new LoaderKeeper({
    images: folder.path,
    loaders: '/nonexistent',
    loader: loaderSource('tftp://10.0.0.1/undionly.kpxe'),
    sink: (event) => events.push(event),
    readTftp,
    random: () => 0,
    wait: async (milliseconds, signal) => {
      signal.throwIfAborted();
      pauses.push(milliseconds);
      pausing();
    },
  });
  return { made, events, pauses, asked: () => asked, kinds: () => events.map(({ kind }) => kind) };
}

test('a missing loader is fetched until that succeeds, with growing pauses', async () => {
  using folder = new Folder();
  const down = new Error('no answer');
  const { made, pauses, kinds } = keeper(folder, [down, down, Buffer.from('<html>'), loader]);
  made.start();
  await made.done;
  assert.deepEqual(pauses, [2000, 4000, 8000]);
  assert.deepEqual(readFileSync(folder.at('undionly.kpxe')), loader);
  assert.equal(kinds().filter((kind) => kind === 'asset.loader.failed').length, 3);
  assert.equal(kinds().at(-1), 'asset.loader.fetched');
});

test('a loader that is there is not fetched again', async () => {
  using folder = new Folder();
  folder.write('undionly.kpxe', loader);
  const { made, kinds, asked } = keeper(folder, []);
  made.start();
  await made.done;
  assert.equal(asked(), 0);
  assert.deepEqual(kinds(), ['asset.loader.ready']);
});

test('what the user put there stays, even where it is no loader; that is said', async () => {
  using folder = new Folder();
  folder.write('undionly.kpxe', '<html>');
  const { made, events, asked } = keeper(folder, []);
  made.start();
  await made.done;
  assert.equal(asked(), 0);
  assert.equal(readFileSync(folder.at('undionly.kpxe'), 'utf8'), '<html>');
  const [event] = events;
  assert.ok(event?.kind === 'asset.loader.odd');
  assert.match(event.trouble, /web page/);
});

test('a loader that the user drops in between two attempts ends them', async () => {
  using folder = new Folder();
  const drop = () => folder.write('undionly.kpxe', loader);
  const { made, kinds, asked } = keeper(folder, [new Error('down')], drop);
  made.start();
  await made.done;
  assert.equal(asked(), 1);
  assert.equal(kinds().at(-1), 'asset.loader.ready');
});

test('what a killed writer left behind is removed at the start, other hidden files stay', async () => {
  using folder = new Folder();
  folder.write('undionly.kpxe', loader);
  folder.write('.undionly.kpxe.0123456789ab.remoteboot-part', 'half');
  folder.write('.undionly.kpxe.swp', 'mine');
  const { made } = keeper(folder, []);
  made.start();
  await made.done;
  assert.deepEqual(readdirSync(folder.path).sort(), ['.undionly.kpxe.swp', 'undionly.kpxe']);
});

test('stop ends a pause', async () => {
  using folder = new Folder();
  const waiting = Promise.withResolvers<void>();
  const made = new LoaderKeeper({
    images: folder.path,
    loaders: '/nonexistent',
    loader: loaderSource('tftp://10.0.0.1/x'),
    sink: () => {},
    readTftp: () => Promise.reject(new Error('down')),
    wait: (_, signal) => {
      waiting.resolve();
      return once(signal, 'abort').then(() => signal.throwIfAborted());
    },
  });
  made.start();
  await waiting.promise;
  await made.stop();
});

test('stop does not wait for a TFTP client that goes on waiting', { timeout: 30_000 }, async () => {
  using folder = new Folder();
  const asked = Promise.withResolvers<void>();
  const made = new LoaderKeeper({
    images: folder.path,
    loaders: '/nonexistent',
    loader: loaderSource('tftp://10.0.0.1/x'),
    sink: () => {},
    readTftp: () => {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  made.start();
  await asked.promise;
  await made.stop();
});

test('a process that is killed in the middle of a download leaves no half loader', async () => {
  using folder = new Folder();
  const begun = Promise.withResolvers<void>();
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-length': loader.length });
    response.write(loader.subarray(0, 50_000), () => begun.resolve());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const script = `
    import { fetchLoader } from ${JSON.stringify(new URL('../../src/assets/loader-fetch.ts', import.meta.url).href)};
    const loader = { architecture: 'bios', name: 'undionly.kpxe', url: 'http://127.0.0.1:${port}/', sha256: [] };
    await fetchLoader({ images: ${JSON.stringify(folder.path)}, loader }, undefined, new AbortController().signal);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  await begun.promise;
  child.kill('SIGKILL');
  await once(child, 'exit');
  server.close().closeAllConnections();
  assert.deepEqual(readdirSync(folder.path), []);
});

test('readers of a file that is written again and again see whole versions only', async () => {
  using folder = new Folder();
  const versions = [Buffer.alloc(100_000, 'a'), Buffer.alloc(50_000, 'b')];
  await writeAtomically(folder.at('file'), versions[0]!);
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 30; round++) await writeAtomically(folder.at('file'), versions[round % 2]!);
    writing = false;
  })();
  while (writing) {
    const seen = readFileSync(folder.at('file'));
    assert.ok(versions.some((version) => version.equals(seen)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writer;
  assert.deepEqual(readdirSync(folder.path), ['file']);
});
