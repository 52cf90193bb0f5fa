import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TftpDownload, type TftpRequest } from '../../../src/commands/rehearse/tftp-client.ts';
import { decode, encode } from '../../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../../src/protocol/tftp/packet.ts';

/** A download and what it has taken. */
function begin(request: Partial<TftpRequest> = {}) {
  const taken: Uint8Array[] = [];
  const download = new TftpDownload({
    file: 'loader',
    options: {},
    resends: 2,
    take: (data) => taken.push(new Uint8Array(data)),
    ...request,
  });
  const first = decode(download.begin());
  const hear = (packet: Packet) => {
    const { say, end } = download.hear(encode(packet));
    return { said: say && decode(say), end };
  };
  const data = (block: number, length: number) =>
    hear({ type: 'data', block, data: new Uint8Array(length).fill(block) });
  const oack = (options: Record<string, string>) =>
    hear({ type: 'oack', options: new Map(Object.entries(options)) });
  return { download, first, hear, data, oack, bytes: () => Buffer.concat(taken) };
}

test('it asks with its options, acknowledges the answer, and then each block', () => {
  const { first, oack, data, bytes } = begin({ options: { tsize: '0', blksize: '8' } });
  assert.deepEqual(first, {
    type: 'rrq',
    file: 'loader',
    mode: 'octet',
    options: new Map([
      ['tsize', '0'],
      ['blksize', '8'],
    ]),
  });
  assert.deepEqual(oack({ tsize: '11', blksize: '8' }).said, { type: 'ack', block: 0 });
  assert.deepEqual(data(1, 8), { said: { type: 'ack', block: 1 }, end: undefined });
  const { said, end } = data(2, 3);
  assert.deepEqual(said, { type: 'ack', block: 2 });
  assert.deepEqual(end, { bytes: 11, size: 11, blksize: 8, windowsize: 1, lost: 0 });
  assert.equal(bytes().length, 11);
});

test('a server without options begins with the file, in blocks of 512 bytes', () => {
  const { data } = begin({ options: { blksize: '1468' } });
  assert.deepEqual(data(1, 512).said, { type: 'ack', block: 1 });
  assert.equal((data(2, 0).end as { bytes: number }).bytes, 512);
});

test('it acknowledges once a window', () => {
  const { oack, data } = begin({ options: { windowsize: '2', blksize: '8' } });
  oack({ windowsize: '2', blksize: '8' });
  assert.equal(data(1, 8).said, undefined);
  assert.deepEqual(data(2, 8).said, { type: 'ack', block: 2 });
});

test('a block that is missing from a window is asked for again, once, and counted', () => {
  const { oack, data } = begin({ options: { windowsize: '4', blksize: '8' } });
  oack({ windowsize: '4', blksize: '8' });
  data(1, 8);
  assert.deepEqual(data(3, 8).said, { type: 'ack', block: 1 });
  assert.equal(data(4, 8).said, undefined);
  data(2, 8);
  data(3, 8);
  const { end } = data(4, 0);
  assert.equal((end as { lost: number; bytes: number }).lost, 1);
  assert.equal((end as { bytes: number }).bytes, 24);
});

test('asked for the size alone, it ends the transfer as firmware does', () => {
  const { oack } = begin({ options: { tsize: '0' }, sizeOnly: true });
  const { said, end } = oack({ tsize: '74213' });
  assert.deepEqual(said, { type: 'error', code: 8, message: 'User aborted the transfer' });
  assert.equal((end as { size: number }).size, 74_213);
});

test('its last word is said again as often as it may be, and then it tells how far it came', () => {
  const { download, data } = begin();
  data(1, 512);
  const ack = encode({ type: 'ack', block: 1 });
  assert.deepEqual(download.silence().say, ack);
  assert.deepEqual(download.silence().say, ack);
  assert.deepEqual(download.silence(), { end: { kind: 'silent', bytes: 512, size: undefined, heard: true } });
});

test('a server that was never heard is told from one that fell silent', () => {
  const { download } = begin({ resends: 0 });
  assert.deepEqual(download.silence().end, { kind: 'silent', bytes: 0, size: undefined, heard: false });
});

test('an error of the server ends it with the words of the server', () => {
  const { hear } = begin();
  assert.deepEqual(hear({ type: 'error', code: 1, message: 'not found' }).end, {
    kind: 'refused',
    code: 1,
    message: 'not found',
  });
});

test('block numbers go on with 0 after 65535', () => {
  const { oack, data } = begin({ options: { blksize: '8', windowsize: '64' } });
  oack({ blksize: '8', windowsize: '64' });
  for (let block = 1; block <= 65_535; block++) data(block % 65_536, 8);
  data(0, 8);
  assert.equal((data(1, 1).end as { bytes: number }).bytes, 65_536 * 8 + 1);
});

test('nothing that is no packet of this transfer changes anything', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const { download, data } = begin();
      // An error or the right block is a packet of this transfer.
      fc.pre(bytes[1] !== 5 && !(bytes[1] === 3 && bytes[2] === 0 && bytes[3] === 1) && bytes[1] !== 6);
      download.hear(bytes);
      assert.deepEqual(data(1, 512).said, { type: 'ack', block: 1 });
    }),
  );
});
