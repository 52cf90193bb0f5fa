import type { Finding } from '../contract.ts';
import { ALIKE_SECONDS } from './scenarios.ts';

/** How one server's machines fared. */
export interface Fared {
  readonly server: string;
  /** Seconds of each machine that got all that it wanted. */
  readonly seconds: readonly number[];
  readonly of: number;
  /** Machines that got something, and it was wrong. */
  readonly corrupt: number;
  /** Machines that had given up, and began anew, as people have them do. */
  readonly anew?: number;
  /** What went wrong first. */
  readonly problem?: string;
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;

const rounded = (seconds: number) =>
  seconds < 10 ? seconds.toFixed(seconds < 1 ? 2 : 1) : seconds.toFixed(0);

function told({ server, seconds, of, corrupt, anew = 0 }: Fared): string {
  const again = anew > 0 ? `, ${anew} begun anew` : '';
  const wrong = corrupt > 0 ? `, ${corrupt} with wrong bytes` : '';
  const time = seconds.length === 0 ? '' : `, ${rounded(median(seconds))} s`;
  return `${server} ${seconds.length} of ${of}${time}${again}${wrong}`;
}

const isWhole = ({ seconds, of, corrupt }: Fared) => seconds.length === of && corrupt === 0;

/**
 * - 'soon': all of ours get what they want, and no later than those of a peer that all do;
 * - 'all': they do; clients' own timers decide when;
 * - 'right': clients' own tries decide whether they do; none gets anything else.
 */
export type Wanted = 'soon' | 'all' | 'right';

const BOUNDS: Readonly<Record<Wanted, string>> = {
  soon: `all; no peer ${ALIKE_SECONDS} s sooner`,
  all: 'all',
  right: 'no wrong bytes',
};

/** A row of the table. */
export function compare(id: string, claim: string, fared: readonly Fared[], wanted: Wanted): Finding {
  const ours = fared.find(({ server }) => server === 'ours')!;
  const peers = fared.filter((one) => one !== ours && isWhole(one));
  const best = Math.min(...peers.map(({ seconds }) => median(seconds)));
  const holds: Readonly<Record<Wanted, boolean>> = {
    soon: isWhole(ours) && median(ours.seconds) <= best + ALIKE_SECONDS,
    all: isWhole(ours),
    right: ours.corrupt === 0,
  };
  const others = fared.filter((one) => one !== ours).map(told);
  const problem = holds[wanted] || ours.problem === undefined ? '' : ` (${ours.problem})`;
  return {
    id,
    claim,
    figure: [told(ours) + problem, ...others].join('; '),
    bound: BOUNDS[wanted],
    holds: holds[wanted],
  };
}
