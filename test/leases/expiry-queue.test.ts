import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Expiring, ExpiryQueue } from '../../src/leases/expiry-queue.ts';

test('whatever is put, moved and removed, the first is always the one that ends soonest', () => {
  const move = fc.record({ member: fc.nat(19), until: fc.nat(50), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
      const queue = new ExpiryQueue<Expiring>();
      const members = Array.from({ length: 20 }, () => ({ until: 0, slot: -1 }));
      const inside = new Set<Expiring>();
      for (const { member, until, remove } of moves) {
        const item = members[member]!;
        if (remove) {
          queue.remove(item);
          inside.delete(item);
        } else {
          item.until = until;
          queue.put(item);
          inside.add(item);
        }
        assert.equal(queue.size, inside.size);
        assert.equal(
          queue.peek()?.until,
          inside.size ? Math.min(...[...inside].map((i) => i.until)) : undefined,
        );
      }
    }),
    { numRuns: 1000 },
  );
});
