import type { Finding } from '../contract.ts';
import type { Tallies } from './accounts.ts';
import type { Flood, Report } from './flood.ts';
import type { Boot } from './victims.ts';
import { NAMES, type Name, type Of, type Seen } from './watch.ts';

/** What must hold. */
export interface Bounds {
  /** Half of the boots during a flood take no longer, in seconds. */
  readonly medianSeconds: number;
  /** What a service may hold more than before, at most, in MB. */
  readonly megabytes: Of<number>;
  /** Lines of a service's log in a flood that are not about machines which really boot. */
  readonly lines: number;
  /** Packets for a TFTP request that nothing answers. */
  readonly replies: number;
}

const middle = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const most = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b), 0);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const whole = (number: number) => Math.round(number).toLocaleString('en');
const booted = (boots: readonly Boot[]) => `${boots.filter((boot) => boot.booted).length} of ${boots.length}`;
const times = (boots: readonly Boot[]) => {
  const seconds = boots.map((boot) => boot.seconds);
  return `median ${middle(seconds).toFixed(2)} s, worst ${most(seconds).toFixed(2)} s`;
};
const allBooted = (boots: readonly Boot[]) => boots.length > 0 && boots.every((boot) => boot.booted);

/** Of another server in the same flood. */
export const besideText = (boots: readonly Boot[]): string => `${booted(boots)}, ${times(boots)}`;

/** Whether machines that were there before boot on, and how much longer that takes. */
export function boots({ flood, calm, during, passed }: Report, bounds: Bounds, beside = ''): Finding {
  const seconds = sum(passed.map((one) => one.seconds));
  const [received, dropped] = [
    sum(passed.map((one) => one.received.packets)),
    sum(passed.map((one) => one.dropped)),
  ];
  const reasons = during.filter((boot) => !boot.booted).map(({ why }) => why);
  return {
    id: flood.id,
    claim: `Machines boot while ${flood.during}`,
    figure: [
      `${booted(during)}${beside}`,
      `${times(during)} (without: ${times(calm)})`,
      `${whole(received / seconds)} packets/s received${dropped > 0 ? `, ${((100 * dropped) / received).toFixed(1)} % found no room` : ''}`,
      ...reasons,
    ].join('; '),
    bound: `all; median ≤ ${bounds.medianSeconds} s`,
    holds: allBooted(during) && middle(during.map((boot) => boot.seconds)) <= bounds.medianSeconds,
  };
}

/** Whether a virtual machine boots. */
export function guest({ flood, guest: [calm, during] }: Report): Finding[] {
  if (during === undefined) return [];
  const text = (result: number | string = '–') =>
    typeof result === 'number' ? `${result.toFixed(1)} s` : `not: ${result.split('\n')[0]}`;
  return [
    {
      id: `${flood.id}-guest`,
      claim: 'A virtual machine (QEMU, iPXE in its card) boots its Linux meanwhile',
      figure: `${text(during)} (without: ${text(calm)})`,
      bound: 'within a minute',
      holds: typeof during === 'number',
    },
  ];
}

/** Whether machines that nobody has seen boot. */
export function strangers({ flood, unknown }: Report): Finding[] {
  if (unknown.length === 0) return [];
  const reasons = unknown.filter((boot) => !boot.booted).map(({ why }) => why);
  return [
    {
      id: `${flood.id}-new`,
      claim:
        'New machines get an address and boot meanwhile, with the pauses between tries that firmware makes',
      figure: [booted(unknown), times(unknown), ...reasons].join('; '),
      bound: 'all',
      holds: allBooted(unknown),
    },
  ];
}

/** What no flood may do to the services. */
export function services(reports: readonly Report[], bounds: Bounds, rested?: Of<number>): Finding[] {
  const all = reports.flatMap(({ flood, seen }) => seen.map((one) => ({ flood, seen: one })));
  const gone = all.flatMap(({ flood, seen }) => seen.gone.map((name) => `${name} (${flood.id})`));
  const asked = sum(all.map(({ seen }) => seen.asked));
  const answered = sum(all.map(({ seen }) => seen.answered));
  const unhealthy = all.flatMap(({ flood, seen }) => seen.unhealthy.map((said) => `${flood.id}: ${said}`));
  return [
    {
      id: 'processes',
      claim: 'No flood ends a service, or makes it start anew',
      figure: gone.length === 0 ? `none in ${all.length} floods` : gone.join(', '),
      bound: 'none',
      holds: gone.length === 0,
    },
    {
      id: 'health',
      claim: 'Health is answered meanwhile: /healthz in 10 s, and the health checks of the containers',
      figure: [`${answered} of ${asked} of the page`, ...unhealthy].join('; '),
      bound: 'all',
      holds: answered === asked && unhealthy.length === 0,
    },
    memory(all, bounds, rested),
    log(all, bounds),
    journal(all),
  ];
}

/** What a flood did to the services, for whoever watches. */
export function oneLine(seen: Seen): string {
  const of = (name: Name) =>
    `${name} ${whole(seen.before[name])} → ${whole(seen.peak[name])} → ${whole(seen.after[name])} MB, ${ofFlood(seen, name)} lines, journal ${(seen.journal[name] / 1e6).toFixed(1)} MB`;
  return NAMES.map(of).join('; ');
}

type Observation = { readonly flood: Flood; readonly seen: Seen };

/** The observation in which `of` is largest. */
function worst(all: readonly Observation[], of: (seen: Seen) => number): Observation {
  return all.reduce((a, b) => (of(b.seen) > of(a.seen) ? b : a));
}

function memory(all: readonly Observation[], { megabytes }: Bounds, rested?: Of<number>): Finding {
  const grown = (name: Name) => (seen: Seen) => seen.peak[name] - first.seen.before[name];
  const first = all[0]!;
  const figures = NAMES.map((name) => {
    const { flood, seen } = worst(all, grown(name));
    const [before, peak] = [first.seen.before[name], seen.peak[name]];
    const after = rested ? `, a minute after all of them ${whole(rested[name])} MB` : '';
    return `${name} ${whole(before)} → ${whole(peak)} MB (${flood.id})${after}`;
  });
  return {
    id: 'memory',
    claim: 'Memory stays bounded: what each service held before all floods, and at most (RSS)',
    figure: figures.join('; '),
    bound: `≤ ${NAMES.map((name) => `${megabytes[name]} MB (${name})`).join(', ')} more`,
    holds: NAMES.every((name) => all.every(({ seen }) => grown(name)(seen) <= megabytes[name])),
  };
}

/** Machines that really boot are told of as always. */
const OF_VICTIMS = /\b52:54:09:|\b10\.88\.0\.(1[0-9]|2[0-9])\b/;
const ofFlood = (seen: Seen, name: Name) => seen.said[name].filter((line) => !OF_VICTIMS.test(line)).length;

function log(all: readonly Observation[], { lines }: Bounds): Finding {
  const figures = NAMES.map((name) => {
    const { flood, seen } = worst(all, (one) => ofFlood(one, name));
    return `${name} ${ofFlood(seen, name)} (${flood.id})`;
  });
  return {
    id: 'log',
    claim:
      'The log says what is going on, not every packet: lines of a service in one flood that are not about machines which boot',
    figure: `at most ${figures.join(', ')}`,
    bound: `≤ ${lines} each`,
    holds: NAMES.every((name) => all.every(({ seen }) => ofFlood(seen, name) <= lines)),
  };
}

function journal(all: readonly Observation[]): Finding {
  const figures = NAMES.map((name) => {
    const { flood, seen } = worst(all, (one) => one.journal[name]);
    return `${name} ${(seen.journal[name] / 1e6).toFixed(1)} MB (${flood.id})`;
  });
  return {
    id: 'journal',
    claim: 'The journal grows by a share of JOURNAL_SIZE (64 MB for each service) at most in a flood',
    figure: figures.join(', '),
    bound: '≤ 32 MB',
    holds: NAMES.every((name) => all.every(({ seen }) => seen.journal[name] <= 32e6)),
  };
}

/** What is sent to whom. `isReader`: sends TFTP requests, and nothing after. */
export function amplification(
  requests: Tallies,
  replies: Tallies,
  isReader: (address: string) => boolean,
  { replies: allowed }: Bounds,
): Finding {
  const readers = [...requests].filter(([peer]) => isReader(peer.split(':')[0]!));
  const factors = readers.map(([peer, { packets }]) => (replies.get(peer)?.packets ?? 0) / packets);
  const bytes = (tallies: Tallies) => sum(readers.map(([peer]) => tallies.get(peer)?.bytes ?? 0));
  const unasked = [...replies.keys()].filter((peer) => isReader(peer.split(':')[0]!) && !requests.has(peer));
  return {
    id: 'amplification',
    claim: 'A TFTP request that nothing follows costs no more packets than stated',
    figure: [
      `${whole(readers.length)} ports: ${most(factors)} packets at most, ${(sum(factors) / factors.length).toFixed(2)} on average`,
      `${(bytes(replies) / bytes(requests)).toFixed(1)} × the bytes that were asked with`,
      ...(unasked.length > 0 ? [`${unasked.length} ports that had asked nothing`] : []),
    ].join('; '),
    bound: `≤ ${allowed} for each`,
    holds: factors.length > 0 && most(factors) <= allowed && unasked.length === 0,
  };
}

/** Nothing is sent to whom has not asked. `mayBeTold`: everyone, and who is given an address. */
export function unasked(asked: Tallies, told: Tallies, mayBeTold: (address: string) => boolean): Finding {
  const strangers = [...told.keys()].filter((address) => !asked.has(address) && !mayBeTold(address));
  return {
    id: 'unasked',
    claim: 'Nothing is sent to an address that has sent nothing, whatever relays and addresses messages name',
    figure:
      strangers.length === 0
        ? `none of ${whole(told.size)} addresses that something was sent to; ${whole(asked.size)} had asked`
        : `${strangers.length} of ${whole(told.size)} addresses: ${strangers.slice(0, 5).join(', ')}`,
    bound: 'none',
    holds: strangers.length === 0,
  };
}
