import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allKept, bytesOf } from './found.ts';
import { replay, run } from './run.ts';
import type { Target } from './target.ts';

/** As many inputs as every target gets where nobody waits for more. */
const INPUTS = 200_000;
const SEED = 20_261_123;

/** A test of the target with inputs that are the same every time; `npm run fuzz` has others. */
export function holds(target: Target, sentence: string): void {
  test(`${sentence} (${target.name})`, async () => {
    const { count, finding } = await run(target, SEED, INPUTS);
    const inputs = finding?.inputs.map((input) => Buffer.from(input).toString('hex')).join('\n');
    assert.equal(
      finding,
      undefined,
      `${finding?.problem}\nafter ${finding?.count} inputs with seed ${SEED}:\n${inputs}`,
    );
    assert.equal(count, INPUTS);
  });
}

/** A test for each finding of these targets that was mended. */
export function repeats(targets: readonly Target[]): void {
  for (const { name, kept } of allKept()) {
    const target = targets.find((one) => one.name === kept.target);
    if (!target) continue;
    test(`what was found once is found no more: ${name.replace('.json', '').replaceAll('-', ' ')}`, async () => {
      assert.equal(await replay(target, bytesOf(kept)), undefined);
    });
  }
}
