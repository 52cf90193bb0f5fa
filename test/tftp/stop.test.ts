import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { profileOf } from '../profile.ts';
import { content, summary } from './rig.ts';
import { Running } from './running.ts';

const file = Buffer.from(content(0, 3000));

for (const tftpPorts of ['one', 'each'] as const) {
  const begun = async (t: TestContext) => {
    const running = await Running.start(t, { file }, { profile: profileOf({ tftpPorts }) });
    const peer = await running.peer();
    peer.request('file');
    return { running, peer, first: await peer.next() };
  };

  test(`a stop waits for a transfer under way, and begins none (ports: ${tftpPorts})`, async (t) => {
    const { running, peer, first } = await begun(t);
    const end = new AbortController();
    const stopped = running.service.stop(end.signal);
    assert.equal((await running.event('tftp.stopping')).transfers, 1);
    const late = await running.peer();
    late.request('file');
    assert.ok(file.equals(await peer.rest(first)));
    await stopped;
    assert.equal(late.waiting, 0, 'who asks now is to ask again');
    const { finished, ended } = await running.event('tftp.stopped');
    assert.deepEqual({ finished, ended }, { finished: 1, ended: 0 });
    assert.equal(running.assets.opened, 0);
  });

  test(`a transfer that takes longer than a stop may is ended with an ERROR (ports: ${tftpPorts})`, async (t) => {
    const { running, peer } = await begun(t);
    const end = new AbortController();
    const stopped = running.service.stop(end.signal);
    await running.event('tftp.stopping');
    assert.equal(peer.waiting, 0);
    end.abort();
    await stopped;
    assert.equal(summary([await peer.next()]), 'error 0: the server is shutting down');
    const { finished, ended } = await running.event('tftp.stopped');
    assert.deepEqual({ finished, ended }, { finished: 0, ended: 1 });
  });
}

test('a stop with nothing under way waits for nothing', async (t) => {
  const running = await Running.start(t, { file });
  await running.service.stop(new AbortController().signal);
  assert.ok(!running.has('tftp.stopping'));
});

test('a request that was sent twice still gets its first block again during a stop', async (t) => {
  const running = await Running.start(t, { file });
  const peer = await running.peer();
  peer.request('file');
  await peer.next();
  const end = new AbortController();
  const stopped = running.service.stop(end.signal);
  await running.event('tftp.stopping');
  peer.request('file');
  assert.ok(file.equals(await peer.rest(await peer.next())));
  await stopped;
});
