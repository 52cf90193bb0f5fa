import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NumberSet } from '../../src/leases/number-set.ts';

test('a set of numbers finds what a list of them would, at the edges of its words and levels too', () => {
  const size = fc.oneof(fc.constantFrom(0, 1, 31, 32, 33, 1023, 1024, 1025, 32_769), fc.nat(3000));
  const moves = fc.array(
    fc.record({ at: fc.nat(), stretch: fc.integer({ min: 1, max: 1100 }), add: fc.boolean() }),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(size, moves, fc.array(fc.nat(), { maxLength: 30 }), (count, changes, asked) => {
      const set = new NumberSet(count);
      const list = new Array<boolean>(count).fill(true);
      for (const { at, stretch, add } of changes) {
        for (
          let number = at % (count + 1);
          number < count && number < (at % (count + 1)) + stretch;
          number++
        ) {
          if (add) set.add(number);
          else set.delete(number);
          list[number] = add;
        }
      }
      for (const start of [0, ...asked.map((number) => number % (count + 40))]) {
        const first = list.indexOf(true, start);
        assert.equal(set.from(start), first < 0 ? undefined : first);
        if (start < count) assert.equal(set.has(start), list[start]);
      }
    }),
    { numRuns: 300 },
  );
});
