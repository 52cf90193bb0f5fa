import { setTimeout as sleep } from 'node:timers/promises';
import { Lab } from '../../test/lab/net.ts';
import { disturb } from './disturb.ts';
import type { Sample } from './sample.ts';
import { EXTRAS, SoakSite } from './site.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Called with each sample as it is taken. */
  take(sample: Sample): void;
  /** Ends it early; what was measured stands. */
  readonly stop: AbortSignal;
}

const SAMPLES = 180;
const LONGEST_MS = 60_000;
const SHORTEST_MS = 1000;

/** @throws Error where a service ends, or does not answer any more. */
export async function soak({ minutes, seed, take, stop }: SoakOptions): Promise<void> {
  const lab = new Lab();
  const site = new SoakSite(lab);
  const over = new AbortController();
  try {
    await site.start(seed);
    const { appliance, initrds } = site;
    const disturbing = disturb({ appliance, initrds, extras: EXTRAS, seed }, over.signal);
    const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (minutes * 60_000) / SAMPLES));
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end && !stop.aborted) {
      await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
      take(await site.sample());
    }
    over.abort();
    await disturbing;
  } finally {
    over.abort();
    await site.stop();
    await lab.close();
  }
}
