import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';
import { profileOf } from '../profile.ts';
import { content, summary } from './rig.ts';
import { Running } from './running.ts';

const file = Buffer.from(content(0, 3000));

for (const tftpPorts of ['one', 'each'] as const) {
  const options = { profile: profileOf({ tftpPorts }) };

  test(`a file arrives whole (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { 'boot/file': file }, options);
    const peer = await running.peer();
    peer.request('boot/file');
    assert.ok(file.equals(await peer.rest(await peer.next())));
    const { port } = running.service;
    assert.equal(peer.port === port, tftpPorts === 'one', 'the port that answered');
    const { bytes, retransmissions, blksize, windowsize } = await running.event('tftp.done');
    assert.deepEqual(
      { bytes, retransmissions, blksize, windowsize },
      { bytes: 3000, retransmissions: 0, blksize: 512, windowsize: 1 },
    );
    assert.equal(running.assets.opened, 0, 'the file is closed');
  });

  test(`EDK2’s question about the size, ended with ERROR 8, is no failure (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { 'snponly.efi': file }, options);
    const peer = await running.peer();
    peer.request('snponly.efi', { tsize: '0', blksize: '1468', windowsize: '4' });
    assert.equal(summary([await peer.next()]), 'oack tsize=3000 blksize=1468 windowsize=4');
    peer.send({ type: 'error', code: 8, message: 'User aborted the transfer' });
    assert.equal((await running.event('tftp.aborted')).probe, true);
    const again = await running.peer();
    again.request('snponly.efi', { blksize: '1468', windowsize: '4' });
    assert.equal(summary([await again.next()]), 'oack blksize=1468 windowsize=4');
    again.ack(0);
    assert.equal(
      summary([await again.next(), await again.next(), await again.next()]),
      'data 1, data 2, data 3',
    );
    again.ack(3);
    await running.event('tftp.done');
    assert.ok(!running.has('tftp.failed'));
  });

  test(`stopping ends running transfers with an ERROR, at once (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { file }, options);
    const peer = await running.peer();
    peer.request('file');
    await peer.next();
    const before = performance.now();
    await running.service.stop();
    assert.ok(performance.now() - before < 500);
    assert.equal(summary([await peer.next()]), 'error 0: the server is shutting down');
    assert.equal((await running.event('tftp.stopped')).ended, 1);
    assert.equal(running.assets.opened, 0);
  });
}

test('reads that are answered later make no difference to the file', async (t) => {
  const running = await Running.start(t, { file });
  running.assets.reads = 'promise';
  const peer = await running.peer();
  peer.request('file');
  assert.ok(file.equals(await peer.rest(await peer.next())));
});

test('a file that cannot be read is an ERROR for the peer and an event', async (t) => {
  const running = await Running.start(t, { file });
  running.assets.reads = 'broken';
  const peer = await running.peer();
  peer.request('file');
  assert.equal(summary([await peer.next()]), 'error 0: the file cannot be read');
  assert.equal((await running.event('tftp.failed')).problem, 'input/output error');
});

test('a block is no larger than the adapter’s MTU carries', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file', { blksize: '65464' });
  assert.equal(summary([await peer.next()]), 'oack blksize=1468');
});

test('what is not answered is sent again', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file', { timeout: '1' });
  assert.equal(summary([await peer.next(), await peer.next()]), 'oack timeout=1, oack timeout=1');
});

test('a repeated request gets its first reply again, and starts no second transfer', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file');
  assert.equal(summary([await peer.next()]), 'data 1');
  peer.request('file');
  assert.equal(summary([await peer.next()]), 'data 1');
  peer.ack(1);
  assert.equal(summary([await peer.next()]), 'data 2');
  peer.request('file');
  peer.ack(2);
  assert.equal(summary([await peer.next()]), 'data 3');
  assert.equal(running.events.filter(({ kind }) => kind === 'tftp.start').length, 1);
});

test('the same request after seconds of silence comes from a machine that was reset, and is served anew', async (t) => {
  let ahead = 0;
  const clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + ahead };
  const running = await Running.start(t, { file }, { clock });
  const peer = await running.peer();
  peer.request('file');
  await peer.next();
  peer.ack(1);
  assert.equal(summary([await peer.next()]), 'data 2');
  ahead = 3500;
  peer.request('file');
  let packet = await peer.next();
  // Between the clock’s jump and the request, block 2 may have been sent again.
  if (summary([packet]) === 'data 2') packet = await peer.next();
  assert.ok(file.equals(await peer.rest(packet)));
});

test('another request from the same port is another transfer: the first is ended in silence', async (t) => {
  const running = await Running.start(t, { file, other: Buffer.from('other') });
  const peer = await running.peer();
  peer.request('file');
  await peer.next();
  peer.ack(1);
  await peer.next();
  peer.request('other');
  const packet = await peer.next();
  assert.ok(packet.type === 'data' && Buffer.from(packet.data).toString() === 'other');
  assert.equal((await running.event('tftp.cancelled')).file, 'file');
});

test('where the advertised address is another host’s, the adapter’s is served, and that is said', async (t) => {
  const { adapter, addresses } = profileOf();
  const profile = profileOf({ addresses: { ...addresses, tftp: parseIpv4('203.0.113.9')! } });
  const running = await Running.start(t, { file }, { profile });
  assert.equal(running.service.address, adapter.address);
  const { advertised, on } = await running.event('tftp.elsewhere');
  assert.deepEqual({ advertised, on }, { advertised: '203.0.113.9', on: '127.0.0.1' });
});

test('a port that is taken is an error with the system’s name for it', async (t) => {
  const running = await Running.start(t, {});
  await assert.rejects(Running.start(t, {}, { port: running.service.port }), { code: 'EADDRINUSE' });
});

test('a fault in the handling of one packet costs that packet, and no other', async (t) => {
  const told: Event[] = [];
  const running = await Running.start(
    t,
    { file },
    {
      sink(event) {
        if (event.kind === 'tftp.malformed') throw new Error('a fault');
        told.push(event);
      },
    },
  );
  const [one, other] = [await running.peer(), await running.peer()];
  one.request('file');
  const first = await one.next();
  other.send(Buffer.from('\0\x01no end'));
  other.request('file');
  assert.ok(file.equals(await other.rest(await other.next())));
  assert.ok(file.equals(await one.rest(first)));
  const faults = told.filter((event) => event.kind === 'config.unexpected');
  assert.match(faults.map(({ reason }) => reason).join(), /a fault\n +at /);
});
