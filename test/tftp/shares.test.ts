import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Allowance } from '../../src/platform/allowance.ts';
import { type Held, Shares } from '../../src/tftp/shares.ts';

class Holding implements Held {
  readonly peer: { readonly address: number };
  unanswered = false;

  constructor(address: number) {
    this.peer = { address };
  }
}

test('whoever holds most unanswered ones is known at any time, and of each its oldest', () => {
  const step = fc.record({
    what: fc.constantFrom('open', 'open', 'awaits', 'awaits', 'answered', 'close'),
    who: fc.nat(4),
    which: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const shares = new Shares<Holding>();
      let held: Holding[] = [];
      const order: Holding[] = [];
      for (const { what, who, which } of steps) {
        const one = what === 'open' ? new Holding(who) : held[which % Math.max(1, held.length)];
        if (!one) continue;
        if (what === 'open') held.push(one);
        if (what === 'awaits' && !one.unanswered) {
          one.unanswered = true;
          order.push(one);
        }
        if (what === 'answered' || what === 'close') {
          one.unanswered = false;
          if (order.includes(one)) order.splice(order.indexOf(one), 1);
        }
        if (what === 'close') held = held.filter((other) => other !== one);
        shares[what](one);
        const of = (address: number) => order.filter(({ peer }) => peer.address === address);
        const most = Math.max(0, ...[0, 1, 2, 3, 4].map((address) => of(address).length));
        assert.equal(shares.most?.unanswered.size ?? 0, most);
        assert.equal(shares.unanswered, order.length);
        for (const address of [0, 1, 2, 3, 4]) {
          assert.deepEqual([...(shares.of(address)?.unanswered ?? [])], of(address));
          assert.equal(
            shares.of(address)?.open ?? 0,
            held.filter(({ peer }) => peer.address === address).length,
          );
        }
      }
    }),
  );
});

test('an address that is forgotten for others begins anew, and memory is bounded', () => {
  const allowance = new Allowance(1, 0);
  assert.equal(allowance.take(1, 0), true);
  assert.equal(allowance.take(1, 1000), false);
  for (let address = 2; address < 100_000; address++) allowance.take(address, 0);
  assert.equal(allowance.take(99_999, 0), false);
  assert.equal(allowance.take(1, 0), true);
});

test('what was given back can be taken again, and no more than there was', () => {
  const allowance = new Allowance(2, 1);
  allowance.giveBack(1);
  assert.deepEqual([allowance.take(1, 0), allowance.take(1, 0), allowance.take(1, 0)], [true, true, false]);
  allowance.giveBack(1);
  assert.deepEqual([allowance.take(1, 0), allowance.take(1, 0)], [true, false]);
  assert.deepEqual(
    [allowance.take(1, 60_000), allowance.take(1, 60_000), allowance.take(1, 60_000)],
    [true, true, false],
  );
});
