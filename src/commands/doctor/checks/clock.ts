import { statSync } from 'node:fs';
import path from 'node:path';
import { LEASE_FILE } from '../../../leases/lease.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';

export interface ClockFacts {
  /** All in milliseconds since 1970. */
  readonly now: number;
  readonly newestEvent: number | undefined;
  /** When leases were last written. */
  readonly leases: number | undefined;
}

export const clock = check('clock', 'Clock', gather, (facts) => [judge(facts)]);

function gather({ now, seen, paths }: Patient): ClockFacts {
  const file = path.join(paths.state, LEASE_FILE);
  const written = [file, `${file}-wal`].map((one) => statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const leases = Math.max(...written);
  return { now, newestEvent: seen.newest, leases: leases === 0 ? undefined : leases };
}

/** This program is younger: a clock that says less was never set. */
const FIRST_YEAR = 2025;
const LAST_YEAR = 2100;
/** Services go on writing while we look. */
const TOLERANCE_MS = 5000;
const SET = 'sudo timedatectl set-ntp true';

export function judge({ now, newestEvent, leases }: ClockFacts): ReportLine {
  const text = isoOf(now);
  const year = new Date(now).getUTCFullYear();
  if (year < FIRST_YEAR || year > LAST_YEAR)
    return {
      state: 'fail',
      what: 'time',
      detail: `it is ${text} by this host's clock, which was never set: leases would end at the wrong time`,
      command: SET,
    };
  const behind = [
    { what: 'the newest entry of the journal is', at: newestEvent },
    { what: 'leases are', at: leases },
  ].find(({ at }) => at !== undefined && at > now + TOLERANCE_MS);
  if (behind?.at !== undefined)
    return {
      state: 'fail',
      what: 'time',
      detail: `it is ${text}, but ${behind.what} of ${isoOf(behind.at)}: the clock was set back, and leases last longer than machines believe`,
      command: SET,
    };
  return { state: 'ok', what: 'time', detail: text };
}

function isoOf(milliseconds: number): string {
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) <= 8.64e15
    ? new Date(milliseconds).toISOString()
    : String(milliseconds);
}
