import type { Verdict } from '../../journal/timeline/verdict.ts';
import { ARCHITECTURES } from '../../protocol/pxe/architecture.ts';
import type { Measurement } from './measurement.ts';

/** So many attempts are remembered as failed; what is older is over. */
const MOST = 10_000;

/** Counts what has become clear of boots. */
export class VerdictMeter {
  /** An attempt may be diagnosed anew when more is known of it; it has failed but once. */
  readonly #failed = new Set<string>();

  measure(verdict: Verdict): Measurement[] {
    const labels = { firmware: verdict.firmware, architecture: architectureLabel(verdict.architecture) };
    switch (verdict.kind) {
      case 'boot.stage': {
        const { stage, state, milliseconds } = verdict;
        if (state !== 'done') return [];
        return [{ histogram: 'stageDuration', labels: { stage, ...labels }, seconds: milliseconds / 1000 }];
      }
      case 'boot.done': {
        const { outcome, milliseconds } = verdict;
        return [
          { counter: 'boots', labels: { outcome, ...labels }, by: 1 },
          { histogram: 'bootDuration', labels, seconds: milliseconds / 1000 },
        ];
      }
      case 'boot.diagnosed': {
        const { code, certainty, mac, attempt } = verdict;
        const diagnosed: Measurement = { counter: 'diagnoses', labels: { code, certainty }, by: 1 };
        if (certainty !== 'failed' || !this.#isNew(`${mac} ${attempt}`)) return [diagnosed];
        return [diagnosed, { counter: 'boots', labels: { outcome: 'failed', ...labels }, by: 1 }];
      }
    }
  }

  #isNew(attempt: string): boolean {
    if (this.#failed.has(attempt)) return false;
    this.#failed.add(attempt);
    if (this.#failed.size > MOST) this.#failed.delete(this.#failed.values().next().value!);
    return true;
  }
}

/** Machines choose the number themselves: those of the registry are labels, all others are one. */
function architectureLabel(code: number | undefined): string {
  if (code === undefined) return 'unknown';
  return (ARCHITECTURES as Record<number, { name: string } | undefined>)[code]?.name ?? 'other';
}
