import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deadlines, type Sleeper } from '../../src/tftp/deadlines.ts';

const sleepers = (count: number): Sleeper[] =>
  Array.from({ length: count }, () => ({ wakesAt: Number.POSITIVE_INFINITY, place: 0 }));

test('whatever is put in, moved and taken out, those are woken whose time has come, the soonest first', () => {
  const act = fc.record({
    what: fc.constantFrom('set', 'set', 'remove', 'due'),
    who: fc.nat(19),
    at: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const all = sleepers(20);
      const queue = new Deadlines<Sleeper>();
      const model = new Map<Sleeper, number>();
      for (const { what, who, at } of acts) {
        const sleeper = all[who]!;
        if (what === 'set') {
          queue.set(sleeper, at);
          model.set(sleeper, at);
        } else if (what === 'remove') {
          queue.remove(sleeper);
          model.delete(sleeper);
        } else {
          const due = queue.due(at);
          const first = Math.min(...model.values());
          assert.equal(due === undefined, first > at);
          if (due) assert.equal(model.get(due), first);
          if (due) model.delete(due);
        }
        assert.equal(queue.next, Math.min(...model.values()));
      }
    }),
    { numRuns: 500 },
  );
});

test('one among a hundred thousand is moved in a few steps', () => {
  const queue = new Deadlines<Sleeper>();
  let looks = 0;
  const counted = (at: number): Sleeper => {
    let wakesAt = at;
    return {
      place: 0,
      get wakesAt() {
        looks += 1;
        return wakesAt;
      },
      set wakesAt(to) {
        wakesAt = to;
      },
    };
  };
  const all = Array.from({ length: 100_000 }, () => counted(Number.POSITIVE_INFINITY));
  for (const [n, sleeper] of all.entries()) queue.set(sleeper, (n * 7919) % 100_003);
  looks = 0;
  queue.set(all[77_777]!, 0);
  queue.remove(all[50_000]!);
  assert.ok(looks < 300, `${looks} looks`);
});
