import type { BootEvent } from '../boot-events.ts';
import { wayOf } from './loaded.ts';
import type { Judged } from './machine-record.ts';

/** What has become clear of a boot, once each: for the log and for counting. */
export type Verdict = Exclude<BootEvent, { kind: 'boot.diagnosed-alike' }>;

/** What the attempt, as it has just been judged, says that was not said before. */
export function verdictsOn(mac: string, { attempt, boot, told }: Judged): Verdict[] {
  if (!attempt) return [];
  const { firmware, architecture } = boot;
  const about = { mac, attempt: attempt.id, firmware, architecture };
  const isNews = (key: string) => !told.has(key) && told.add(key).has(key);
  const verdicts: Verdict[] = [];
  for (const { name: stage, state, from, to } of attempt.stages) {
    if ((state !== 'done' && state !== 'failed') || !isNews(`${stage} ${state}`)) continue;
    const at = to ?? attempt.to;
    const milliseconds = Math.max(0, at - (from ?? at));
    verdicts.push({ kind: 'boot.stage', ...about, at, stage, state, milliseconds });
  }
  const { outcome, duration: milliseconds, diagnosis } = attempt;
  if ((outcome === 'booted' || outcome === 'loaded') && milliseconds !== undefined && isNews('done')) {
    const at = attempt.from + milliseconds;
    verdicts.push({ kind: 'boot.done', ...about, at, outcome, milliseconds, way: wayOf(boot) });
  }
  if (diagnosis && isNews(diagnosis.code)) {
    const { at, code, certainty, stage, cause, remedy } = diagnosis;
    verdicts.push({ kind: 'boot.diagnosed', ...about, at, code, certainty, stage, cause, remedy });
  }
  return verdicts;
}
