import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileOf } from '../profile.ts';
import type { Peer } from './peer.ts';
import { content, summary } from './rig.ts';
import { Running } from './running.ts';

/** What breaks the server of the tftp package (docs/decisions) must not break this one. */
const file = Buffer.from(content(0, 20_000));

/** A transfer of the file, its first block taken but not acknowledged. */
async function begun(running: Running): Promise<{ peer: Peer; rest: () => Promise<Uint8Array> }> {
  const peer = await running.peer();
  peer.request('file');
  const first = await peer.next();
  assert.equal(summary([first]), 'data 1');
  return { peer, rest: () => peer.rest(first) };
}

for (const tftpPorts of ['one', 'each'] as const) {
  const options = { profile: profileOf({ tftpPorts }) };

  test(`datagrams of no byte and of one, to a transfer’s port, end nothing (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { file }, options);
    const { peer, rest } = await begun(running);
    const stranger = await running.peer();
    for (const sender of [peer, stranger]) {
      for (const bytes of [[], [0], [4], [0, 4], [0, 4, 0], [0, 5], [255, 255, 255]]) {
        sender.send(Uint8Array.from(bytes), peer.port);
      }
    }
    assert.ok(file.equals(await rest()));
  });

  test(`a stranger’s ERROR, ACK and DATA end and move nothing (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { file }, options);
    const { peer, rest } = await begun(running);
    const stranger = await running.peer();
    stranger.port = peer.port;
    stranger.send({ type: 'error', code: 0, message: 'stop' });
    stranger.send({ type: 'data', block: 1, data: content(0, 10) });
    stranger.ack(1);
    assert.equal(summary([await stranger.next()]), 'error 5: unknown transfer ID');
    assert.equal(stranger.waiting, 0, 'ERROR and DATA of a stranger are not answered');
    assert.equal(peer.waiting, 0, 'the stranger’s ACK moved the transfer on');
    assert.ok(file.equals(await rest()));
    assert.ok(!running.has('tftp.aborted'));
  });

  test(`a flood of garbage changes nothing for a transfer, nor does it fill the log (ports: ${tftpPorts})`, async (t) => {
    const running = await Running.start(t, { file }, options);
    const { peer, rest } = await begun(running);
    const stranger = await running.peer();
    let seed = 1;
    for (let packet = 0; packet < 3000; packet++) {
      const bytes = Uint8Array.from({ length: packet % 40 }, () => {
        seed = (seed * 1664525 + 1013904223) >>> 0;
        return seed >>> 24;
      });
      if (bytes.length > 1 && packet % 2 === 0) bytes.set([0, packet % 9]);
      stranger.send(bytes, packet % 3 === 0 ? peer.port : running.service.port);
      if (packet % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(file.equals(await rest()));
    assert.ok(running.events.length < 500, `${running.events.length} events`);
  });
}

test('duplicate ACKs neither send a block twice nor wedge the transfer, at window 4', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file', { windowsize: '4' });
  await peer.next();
  const parts: Uint8Array[] = [];
  let expected = 1;
  for (let complete = false; !complete; ) {
    for (let copy = 0; copy < 3; copy++) peer.ack(expected - 1);
    for (let left = 4; left > 0 && !complete; left--) {
      const packet = await peer.next();
      assert.ok(packet.type === 'data');
      assert.equal(packet.block, expected, 'a block that was not expected, or not again');
      parts.push(packet.data);
      expected += 1;
      complete = packet.data.length < 512;
    }
  }
  peer.ack(expected - 1);
  assert.ok(file.equals(Buffer.concat(parts)));
  assert.equal((await running.event('tftp.done')).retransmissions, 0);
});

test('a timeout is honoured, and option names count in any case', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file', { TIMEOUT: '2', BlkSize: '1024', WINDOWSIZE: '2', TSize: '0' });
  assert.equal(summary([await peer.next()]), 'oack timeout=2 blksize=1024 windowsize=2 tsize=20000');
  assert.equal((await running.event('tftp.start')).timeout, 2);
});

test('an answer to a transfer that has just ended is not called a stranger’s', async (t) => {
  const running = await Running.start(t, { file });
  const { peer, rest } = await begun(running);
  await rest();
  await running.event('tftp.done');
  peer.ack(40);
  peer.request('absent');
  assert.equal(summary([await peer.next()]), 'error 1: file not found: absent');
  assert.ok(!running.has('tftp.stranger'));
});
