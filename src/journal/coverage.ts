import type { Service } from '../config/resolve.ts';
import { type Gap, type Run, SIGN_EVERY_MS } from './recorded.ts';

/** When which service was recording: what is not covered is not known, and must not be taken for silence. */
export interface Coverage {
  readonly runs: readonly Run[];
  readonly gaps: readonly Gap[];
}

/** A sign of life may be so late, in milliseconds, without anything being wrong. */
export const SIGN_LATE_MS = 2 * SIGN_EVERY_MS + 1000;

/** True where one run of the service covers all of that time and no event of it was lost. Milliseconds since 1970. */
export function watched({ runs, gaps }: Coverage, service: Service, from: number, to: number): boolean {
  const lost = gaps.some((gap) => gap.service === service && gap.from <= to && gap.to >= from);
  return (
    !lost && runs.some((run) => run.service === service && run.from <= from && lastsUntil(run, runs) >= to)
  );
}

/** True where the service is recording at that moment. */
export function isRecording({ runs }: Coverage, service: Service, now: number): boolean {
  return runs.some((run) => run.service === service && run.from <= now && lastsUntil(run, runs) >= now);
}

/** A sign may be late only from a run that may still be alive: one that another has followed was killed after its last. */
function lastsUntil(run: Run, runs: readonly Run[]): number {
  const isOver = run.ended || runs.some(({ service, from }) => service === run.service && from > run.from);
  return isOver ? run.seen : run.seen + SIGN_LATE_MS;
}
