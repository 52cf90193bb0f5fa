import type { Attempt, MachineSummary } from '../../journal/timeline/model.ts';

/** The machines of the list: in what groups they come, in what order, and which of them a filter leaves. Pure. */

/** It has not given up for all that is known, but does not get on: there is a diagnosis already. */
export function isStalled({ outcome, diagnosis }: Pick<Attempt, 'outcome' | 'diagnosis'>): boolean {
  return outcome === 'running' && diagnosis !== undefined;
}

export const GROUPS = ['booting', 'failed', 'booted', 'other'] as const;
export type Group = (typeof GROUPS)[number];

export function groupOf({ attempt }: MachineSummary): Group {
  switch (attempt?.outcome) {
    case 'running':
      return isStalled(attempt) ? 'failed' : 'booting';
    case 'failed':
      return 'failed';
    case 'booted':
    case 'loaded':
      return 'booted';
    default:
      return 'other';
  }
}

export function counts(machines: Iterable<MachineSummary>): Record<Group, number> {
  const found = { booting: 0, failed: 0, booted: 0, other: 0 };
  for (const machine of machines) found[groupOf(machine)] += 1;
  return found;
}

const RANK: Record<Group, number> = { booting: 0, failed: 1, booted: 2, other: 2 };

/** Those on their way first, then those that failed, then the rest; within each the newest start first, so that rows keep their places. */
export function inOrder(machines: Iterable<MachineSummary>): MachineSummary[] {
  return [...machines].sort(
    (a, b) =>
      RANK[groupOf(a)] - RANK[groupOf(b)] ||
      (b.attempt?.from ?? b.seen) - (a.attempt?.from ?? a.seen) ||
      (a.mac < b.mac ? -1 : 1),
  );
}

/** Whether every word of the filter is somewhere in what the row shows. */
export function matches(machine: MachineSummary, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { mac, hostName = '', address = '', attempt } = machine;
  const text = [
    mac,
    mac.replaceAll(':', '-'),
    hostName,
    address,
    attempt?.architecture?.name ?? '',
    attempt?.firmware ?? '',
    attempt?.outcome ?? '',
    attempt?.diagnosis?.code ?? '',
    attempt?.diagnosis?.cause ?? '',
  ]
    .join('\n')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
