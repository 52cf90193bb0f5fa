import { continues, retries } from './beginnings.ts';
import type { FileNews } from './file-news.ts';
import { type AskedEvent, beginsAsking } from './fold-dhcp.ts';
import type { Judged, MachineRecord } from './machine-record.ts';

/** An event may come so late after others, in milliseconds, and still be of the attempt before. */
const LATE_MS = 5000;
/** No message of an exchange that was begun comes later: firmware waits 32 s at most. */
const ANSWERED_WITHIN_MS = 10 * 60_000;

/** The attempt that was under way at that time; the newest one where the clock was set back. */
export function attemptAt({ attempts, newest }: MachineRecord, at: number): Judged | undefined {
  if (!newest || at >= newest.boot.from || newest.boot.from - at > LATE_MS) return newest;
  return attempts.findLast(({ boot }) => boot.from <= at) ?? newest;
}

/** The attempt that a question or answer of a booting program belongs to; undefined where it begins one. */
export function attemptOf(machine: MachineRecord, event: AskedEvent, at: number): Judged | undefined {
  const current = attemptAt(machine, at);
  if (!current) return undefined;
  // A late one is no beginning: what began after it is known already.
  const isLate = current !== machine.newest;
  if (beginsAsking(event) && !isLate) return retries(current.boot, event.client, at) ? current : undefined;
  return machine.attempts.findLast(
    ({ boot }) => continues(boot, event.client, at) && at - boot.to < ANSWERED_WITHIN_MS,
  );
}

/** The attempt that a file is loaded in: the one that began the transfer, where it is known. */
export function attemptLoading(machine: MachineRecord, news: FileNews, at: number): Judged | undefined {
  const { transfer } = news;
  if (news.what === 'start' || transfer === undefined) return attemptAt(machine, at);
  const began = machine.attempts.findLast(({ boot }) =>
    boot.files.some(
      ({ file, service, parts }) => file === news.file && service === news.service && parts.has(transfer),
    ),
  );
  return began ?? attemptAt(machine, at);
}
