import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { SendQueue } from '../../src/platform/udp-send.ts';
import { parseIpv4 } from '../../src/protocol/ipv4.ts';

const { EAGAIN, EINTR, EINVAL, EIO, EMSGSIZE, ENETUNREACH, EPERM } = os.constants.errno;
const PEER = parseIpv4('10.0.0.7')!;
const FD = 99;

/** Answers each sendmmsg with what comes next: how many leave at most, or a negated errno; then everything leaves. */
function kernel(...answers: number[]) {
  const counts: number[] = [];
  const transmit = (_fd: number, _headers: number, count: number): number => {
    counts.push(count);
    const answer = answers.shift() ?? count;
    return Math.min(answer, count);
  };
  return { counts, transmit };
}

function queueOf(
  messages: readonly (readonly [length: number, segment: number])[],
  kernelSide: ReturnType<typeof kernel>,
) {
  const queue = new SendQueue(true, kernelSide.transmit);
  messages.forEach(([length, segment], index) => {
    const at = queue.add(PEER, 1000 + index, length, segment);
    queue.arena.fill(index, at, at + length);
  });
  return queue;
}

const codes = (queue: SendQueue) => queue.unsent.map(({ error }) => (error as NodeJS.ErrnoException).code);

test('everything leaves in one call', () => {
  const kernelSide = kernel();
  const queue = queueOf(
    [
      [10, 10],
      [20, 20],
      [3000, 1000],
    ],
    kernelSide,
  );
  assert.ok(queue.flush(FD));
  assert.deepEqual(kernelSide.counts, [3]);
  assert.ok(queue.empty);
});

test('what one message runs into is told of it alone, with its bytes', () => {
  const kernelSide = kernel(1, -EPERM, 1, -ENETUNREACH);
  const queue = queueOf(
    [
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
      [50, 50],
    ],
    kernelSide,
  );
  assert.ok(queue.flush(FD));
  assert.deepEqual(kernelSide.counts, [5, 4, 3, 2, 1]);
  assert.deepEqual(codes(queue), ['EPERM', 'ENETUNREACH']);
  assert.deepEqual(
    queue.unsent.map(({ datagram }) => [datagram.port, datagram.bytes.length, datagram.bytes[0]]),
    [
      [1001, 20, 1],
      [1003, 40, 3],
    ],
  );
});

test('an interrupted call is made again', () => {
  const kernelSide = kernel(-EINTR, 1, -EINTR);
  const queue = queueOf(
    [
      [10, 10],
      [20, 20],
    ],
    kernelSide,
  );
  assert.ok(queue.flush(FD));
  assert.deepEqual([queue.unsent, kernelSide.counts], [[], [2, 2, 1, 1]]);
});

test('a full socket buffer leaves the rest where it is, in order, and room is made before it', () => {
  const kernelSide = kernel(2, -EAGAIN, -EAGAIN);
  const queue = queueOf(
    [
      [10, 10],
      [20, 20],
      [30, 30],
      [40, 40],
    ],
    kernelSide,
  );
  assert.ok(!queue.flush(FD));
  assert.ok(!queue.flush(FD));
  queue.compact();
  assert.deepEqual([...queue.arena.subarray(0, 70)], [...Array(30).fill(2), ...Array(40).fill(3)]);
  const at = queue.add(PEER, 2000, 5, 5);
  assert.equal(at, 70);
  assert.ok(queue.flush(FD));
  assert.deepEqual(kernelSide.counts, [4, 2, 2, 3]);
  assert.deepEqual(queue.unsent, []);
});

test('what waits for room is bounded by the arena and by the number of messages', () => {
  const queue = queueOf([], kernel());
  assert.ok(queue.hasRoom(queue.arena.length, 60_000));
  assert.ok(!queue.hasRoom(queue.arena.length + 1, 60_000));
  let messages = 0;
  for (; queue.hasRoom(1, 1) && messages < 10_000; messages++) queue.add(PEER, 1, 1, 1);
  assert.ok(messages < 10_000);
  queue.clear();
  assert.ok(queue.hasRoom(1, 1));
});

for (const [code, errno] of Object.entries({ EINVAL, EMSGSIZE })) {
  test(`a message that cannot be cut on its path (${code}) leaves block by block; the next is tried whole again`, () => {
    const kernelSide = kernel(1, -errno, 16);
    const queue = queueOf(
      [
        [10, 10],
        [16_000, 1000],
        [20, 20],
      ],
      kernelSide,
    );
    assert.ok(queue.flush(FD));
    assert.deepEqual(kernelSide.counts, [3, 2, 16, 1]);
    queue.add(PEER, 1, 8000, 1000);
    assert.ok(queue.flush(FD));
    assert.deepEqual(kernelSide.counts.slice(4), [1]);
    assert.deepEqual(queue.unsent, []);
  });
}

test('an adapter that cannot cut (EIO) is not asked again', () => {
  const kernelSide = kernel(-EIO, 16);
  const queue = queueOf([[16_000, 1000]], kernelSide);
  assert.ok(queue.flush(FD));
  queue.add(PEER, 1, 10, 10);
  queue.add(PEER, 1, 5500, 1000);
  queue.add(PEER, 1, 10, 10);
  assert.ok(queue.flush(FD));
  assert.deepEqual(kernelSide.counts, [1, 16, 1, 6, 1]);
  assert.deepEqual(queue.unsent, []);
});

test('a kernel that does not know segments is never asked for them', () => {
  const kernelSide = kernel();
  const queue = new SendQueue(false, kernelSide.transmit);
  queue.add(PEER, 1, 4500, 1000);
  assert.ok(queue.flush(FD));
  assert.deepEqual(kernelSide.counts, [5]);
});

test('block by block, too, a full buffer loses nothing and a refused block is told alone', () => {
  const kernelSide = kernel(-EMSGSIZE, 3, -EAGAIN, -EMSGSIZE, 2, -EPERM, 1);
  const queue = queueOf(
    [
      [8500, 1000],
      [10, 10],
    ],
    kernelSide,
  );
  assert.ok(!queue.flush(FD));
  queue.compact();
  assert.ok(queue.flush(FD));
  // 9 blocks: 3 leave, then none; 2 of 6 leave, the third is refused; 1, then 2.
  assert.deepEqual(kernelSide.counts, [2, 9, 6, 2, 6, 4, 3, 2, 1]);
  assert.deepEqual(codes(queue), ['EPERM']);
  assert.equal(queue.unsent[0]!.datagram.bytes.length, 1000);
});

test('any other error of a cut message is told once, for all of it', () => {
  const queue = queueOf([[16_000, 1000]], kernel(-EPERM));
  assert.ok(queue.flush(FD));
  assert.deepEqual(codes(queue), ['EPERM']);
  assert.equal(queue.unsent[0]!.datagram.bytes.length, 16_000);
});

test('messages that are longer than the kernel takes are given to it in several', () => {
  const kernelSide = kernel();
  const queue = queueOf(
    [
      [64 * 1472 + 1, 1472],
      [200, 2],
    ],
    kernelSide,
  );
  assert.ok(queue.flush(FD));
  // 44 blocks of 1472 fit into 65,507 bytes; no more than 64 of any size.
  assert.deepEqual(kernelSide.counts, [2 + 2]);
});
