import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { content, terms } from './rig.ts';
import { type Fate, simulate } from './simulation.ts';

const blockSize = 64;
const arrives: Fate = [1];
const lost: Fate = [];

function assertWhole({ transfer, receiver }: ReturnType<typeof simulate>, size: number): void {
  assert.deepEqual(transfer.outcome, { type: 'done' });
  assert.ok(Buffer.concat(receiver.received).equals(content(0, size)));
}

for (const windowSize of [1, 4]) {
  test(`with window ${windowSize} the file survives the loss of every 9th packet`, () => {
    const result = simulate(20_000, terms({ blockSize, windowSize }), (n) => (n % 9 === 8 ? lost : arrives));
    assertWhole(result, 20_000);
  });
}

for (const windowSize of [1, 4, 16, 64]) {
  const wanted = terms({ blockSize, windowSize });
  const size = 20_000;
  const blocks = Math.floor(size / blockSize) + 1;

  test(`with window ${windowSize} one doubled packet costs less than two windows more: copies do not breed copies`, () => {
    for (let doubled = 0; doubled < 2 * blocks; doubled += 7) {
      const result = simulate(size, wanted, (packet) => (packet === doubled ? [1, 1] : arrives));
      assertWhole(result, size);
      assert.ok(
        result.dataSent < blocks + 2 * windowSize,
        `packet ${doubled}: ${result.dataSent} blocks sent`,
      );
    }
  });

  test(`with window ${windowSize} a network that doubles every packet costs less than two windows more`, () => {
    const result = simulate(size, wanted, () => [1, 1]);
    assertWhole(result, size);
    assert.ok(result.dataSent < blocks + 2 * windowSize, `${result.dataSent} blocks sent`);
  });

  test(`with window ${windowSize} a file is whole or was given up, whatever the network does`, () => {
    const fate = fc.oneof(
      { weight: 8, arbitrary: fc.constant(arrives) },
      { weight: 1, arbitrary: fc.constant(lost) },
      { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 3 }) },
    );
    fc.assert(
      fc.property(fc.nat(3000), fc.infiniteStream(fate), (length, fates) => {
        const result = simulate(length, wanted, () => fates.next().value as Fate);
        if (result.transfer.outcome!.type === 'timeout') return;
        assertWhole(result, length);
      }),
      { numRuns: 100 },
    );
  });
}

test('after the first gap was filled, a second one in the same window is filled a tenth of a second later', () => {
  const dropped = new Set([2, 7]);
  const result = simulate(64 * 20, terms({ blockSize, windowSize: 16 }), (n) =>
    dropped.has(n) ? lost : arrives,
  );
  assertWhole(result, 64 * 20);
  assert.ok(result.milliseconds < 150, `${result.milliseconds} ms`);
});

for (const [windowSize, most] of [
  [1, 1],
  [4, 1.5],
  [16, 2],
] as const) {
  test(`with window ${windowSize} the loss of one packet in a hundred costs ${most} ms a window, not seconds`, () => {
    let chance = 1;
    const result = simulate(blockSize * windowSize * 2000, terms({ blockSize, windowSize }), () => {
      chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0;
      return chance < 2 ** 32 / 100 ? lost : [0.1];
    });
    assert.deepEqual(result.transfer.outcome, { type: 'done' });
    assert.ok(result.milliseconds < most * 2000, `${result.milliseconds} ms`);
  });
}

test('a receiver that has gone is given up within half a minute', () => {
  const { transfer, milliseconds } = simulate(5000, terms({ blockSize }), (n) => (n < 10 ? arrives : lost));
  assert.deepEqual(transfer.outcome, { type: 'timeout' });
  assert.ok(milliseconds < 30_000);
});
