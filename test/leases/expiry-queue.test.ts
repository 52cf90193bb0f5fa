import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadlines, ExpiryQueue } from '../../src/leases/expiry-queue.ts';

test('whatever is put, moved and removed, members come in the order in which they end, of equals the lowest first', () => {
  const move = fc.record({
    queue: fc.nat(1),
    member: fc.nat(19),
    until: fc.nat(30),
    remove: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
      const deadlines = new Deadlines(20);
      const queues = [new ExpiryQueue(deadlines), new ExpiryQueue(deadlines)];
      const inside = [new Map<number, number>(), new Map<number, number>()];
      for (const { queue, member, until, remove } of moves) {
        if (remove) {
          queues[queue]!.remove(member);
          inside[queue]!.delete(member);
        } else {
          // Never in both.
          queues[1 - queue]!.remove(member);
          inside[1 - queue]!.delete(member);
          queues[queue]!.put(member, until);
          inside[queue]!.set(member, until);
        }
        for (const [index, members] of inside.entries()) {
          const sorted = [...members].toSorted(([m, a], [n, b]) => a - b || m - n).map(([m]) => m);
          assert.equal(queues[index]!.size, members.size);
          assert.equal(queues[index]!.peek(), sorted[0]);
          assert.equal(queues[index]!.has(member), members.has(member));
          assert.deepEqual([...queues[index]!.inOrder()], sorted);
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** A queue that counts how often a member's end is looked at. */
function counted(size: number): { queue: ExpiryQueue; looks: () => number } {
  let looks = 0;
  const deadlines = new Deadlines(size);
  const until = new Proxy(deadlines.until, {
    get: (target, member) => {
      looks += 1;
      return Reflect.get(target, member);
    },
    set: (target, member, value) => Reflect.set(target, member, value),
  });
  return { queue: new ExpiryQueue({ until, slot: deadlines.slot }), looks: () => looks };
}

test('a move among a hundred thousand costs steps of the order of its logarithm, wherever it goes', () => {
  const SIZE = 100_000;
  const { queue, looks } = counted(SIZE);
  for (let member = 0; member < SIZE; member++) queue.put(member, (member * 7919) % SIZE);
  const depth = Math.ceil(Math.log2(SIZE));
  const costOf = (act: () => void) => {
    const before = looks();
    act();
    return looks() - before;
  };
  // Each level: the two below compared with each other, the lower of them with the member.
  const most = 4 * (depth + 1);
  for (let n = 0; n < 1000; n++) {
    const member = (n * 613) % SIZE;
    const costs = [
      costOf(() => queue.put(member, SIZE + n)),
      costOf(() => queue.put(member, -n)),
      costOf(() => queue.remove(member)),
      costOf(() => queue.put(member, n)),
      costOf(() => queue.inOrder().take(3).toArray()),
    ];
    assert.ok(Math.max(...costs) <= most, `${costs} looks, ${most} are allowed`);
  }
});
