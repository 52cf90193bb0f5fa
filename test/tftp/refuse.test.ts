import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { render } from '../../src/journal/render.ts';
import { profileOf } from '../profile.ts';
import { content, summary } from './rig.ts';
import { Running } from './running.ts';

const file = Buffer.from(content(0, 3000));

const refused: [string, string, string, string][] = [
  ['a file that is not there', 'absent', 'octet', 'error 1: file not found: absent'],
  ['a file outside images/', 'secret', 'octet', 'error 2: access denied: secret'],
  ['a folder', 'folder', 'octet', 'error 2: not a file: folder'],
  ['a file that the system keeps', 'locked', 'octet', 'error 2: the server cannot read locked'],
  ['no name', '', 'octet', 'error 1: the request names no file'],
  ['netascii', 'file', 'NetASCII', 'error 4: netascii is not supported: use octet'],
  ['mail', 'file', 'mail', 'error 4: mail is not supported: use octet'],
  ['an unknown mode', 'file', 'b\x1b[31mnary', 'error 4: unknown mode "b?[31mnary": use octet'],
];

for (const [what, name, mode, answer] of refused) {
  test(`a request for ${what} is refused in words`, async (t) => {
    const running = await Running.start(t, {
      file,
      secret: 'forbidden',
      folder: 'not-a-file',
      locked: 'unreadable',
    });
    const peer = await running.peer();
    peer.request(name, {}, mode);
    assert.equal(summary([await peer.next()]), answer);
    assert.equal(running.assets.opened, 0);
  });
}

test('a write is refused: this server is read-only', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.send({ type: 'wrq', file: 'file', mode: 'octet', options: new Map() });
  assert.equal(summary([await peer.next()]), 'error 2: this server is read-only');
  assert.equal((await running.event('tftp.refused')).problem, 'this server is read-only');
});

test('a malformed request is answered so that its author notices', async (t) => {
  const running = await Running.start(t, {});
  const peer = await running.peer();
  peer.send(Buffer.from('\0\x01file'));
  assert.equal(summary([await peer.next()]), 'error 4: malformed request');
});

test('a missing file is told to the log by its full name, with the file that was probably meant', async (t) => {
  const images = await mkdtemp(join(tmpdir(), 'tftp-refuse-'));
  t.after(() => rm(images, { recursive: true }));
  await writeFile(join(images, 'undionly.kpxe'), '');
  const profile = profileOf({ paths: { ...profileOf().paths, images } });
  const running = await Running.start(t, {}, { profile });
  const peer = await running.peer();
  peer.request('\\undionly.kpx');
  assert.equal(summary([await peer.next()]), 'error 1: file not found: \\undionly.kpx');
  const event = await running.event('tftp.not-found');
  assert.deepEqual(render(event), {
    level: 'info',
    text: `127.0.0.1 asked for \\undionly.kpx: there is no ${images}/undionly.kpx; did you mean undionly.kpxe?`,
  });
});

test('a name cannot forge a line of the log or of a terminal', async (t) => {
  const running = await Running.start(t, {});
  const peer = await running.peer();
  peer.request('a\nerror: \x1b[2Jb\u2028');
  await peer.next();
  const { text } = render(await running.event('tftp.not-found'));
  assert.doesNotMatch(text, /\p{Cc}|\p{Zl}/u);
});
