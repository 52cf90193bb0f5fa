import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plot } from '../../reliability/soak/plot.ts';
import { judgeAll, outcomeOf } from '../../reliability/soak/report.ts';
import { soak } from '../../reliability/soak/run.ts';
import type { Sample } from '../../reliability/soak/sample.ts';
import { requires } from '../lab/requires.ts';

/** Too short to say whether anything grows: only that the load runs, and that all is measured, judged and drawn. */
const MINUTES = 0.3;

test('a soak boots machines with the right bytes, answers all who ask, and measures and draws every series', {
  ...requires('root', 'netns', 'nft', '/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'),
}, async () => {
  const samples: Sample[] = [];
  const take = (sample: Sample) => samples.push(sample);
  await soak({ minutes: MINUTES, seed: 1, take, stop: new AbortController().signal });
  const outcome = outcomeOf(samples);
  assert.deepEqual([outcome.failed, outcome.unanswered, outcome.faults], [[], [], []]);
  assert.ok(outcome.booted > 0 && outcome.answered > 0 && outcome.garbage > 0, JSON.stringify(outcome));
  for (const { series, verdict } of judgeAll(samples)) {
    assert.ok(Number.isFinite(verdict.most), `${series.name} is measured`);
    assert.ok(verdict.most <= series.bounds.most, `${series.name}: ${verdict.most}`);
  }
  const drawn = plot(samples);
  assert.ok(!drawn.includes('NaN') && drawn.split('<polyline').length > 15);
});
