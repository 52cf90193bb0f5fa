import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportLine, Section } from '../report.ts';
import type { Check, Patient } from './check.ts';

/** Looks at everything at the same time. What fails, or has not ended when the time is over, is 'unknown', with the reason. */
export async function examine(
  patient: Patient,
  checks: readonly Check[],
  limitMs: number,
): Promise<Section[]> {
  const stop = new AbortController();
  const late = sleep(limitMs, undefined, { signal: stop.signal }).catch(() => undefined);
  const looked = await Promise.all(
    checks.map(async ({ name, title, look }) => {
      const tooLate = late.then((): ReportLine[] => [
        unknown(name, `this took longer than ${(limitMs / 1000).toFixed(1)} s`),
      ]);
      const lines = look(patient).catch((error: unknown): ReportLine[] => [
        unknown(name, error instanceof Error ? error.message : String(error)),
      ]);
      return { title, lines: await Promise.race([lines, tooLate]) };
    }),
  );
  stop.abort();
  return looked;
}

function unknown(what: string, reason: string): ReportLine {
  return { state: 'unknown', what, detail: `could not be looked at: ${reason}` };
}

/** How many lines are how, and where to begin. */
export function summaryOf(sections: readonly Section[]): string {
  const states = sections.flatMap(({ lines }) => lines.map(({ state }) => state));
  const count = (wanted: string, word: string) => {
    const number = states.filter((state) => state === wanted).length;
    return number === 0 ? [] : [`${number} ${word}`];
  };
  const failed = count('fail', 'failed');
  const ills = [...failed, ...count('warn', 'to be looked at'), ...count('unknown', 'unknown')];
  if (ills.length === 0) return 'All is well.';
  const first = failed.length > 0 ? ' Mend the first one first: others may come from it.' : '';
  return `${ills.join(', ')}.${first}`;
}
