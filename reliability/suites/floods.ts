import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Finding, Level, Suite } from '../contract.ts';
import { Field } from '../floods/field.ts';
import { type Effort, type Flood, type Report, run } from '../floods/flood.ts';
import {
  amplification,
  type Bounds,
  besideText,
  boots,
  guest,
  oneLine,
  services,
  strangers,
  unasked,
} from '../floods/judge.ts';
import { FLOODS } from '../floods/list.ts';
import { Peer } from '../floods/peer.ts';
import { Victims } from '../floods/victims.ts';
import { memoryOf, type Of } from '../floods/watch.ts';

const EFFORT: Readonly<Record<Level, Effort>> = {
  full: { calm: [4, 0], during: [6, 3], rounds: 1, guests: true },
  short: { calm: [2, 0], during: [4, 1], rounds: 1, guests: false },
};
/** http keeps what it has read of files in memory, and V8 takes its time to collect what thousands of connections leave behind. */
const MEGABYTES = { dhcp: 150, tftp: 100, http: 350 };
/** A busy host takes its time; what is counted is the same. */
const BOUNDS: Readonly<Record<Level, Bounds>> = {
  full: { medianSeconds: 3, megabytes: MEGABYTES, lines: 1000, replies: 4 },
  short: { medianSeconds: 10, megabytes: MEGABYTES, lines: 1000, replies: 4 },
};

export const floods: Suite = {
  name: 'floods',
  about:
    'The three services, with default settings and a pool of 20 addresses, run on one processor core; simulated machines, which wait between their tries as long as real firmware does, and attackers share the other.',
  run: (context) =>
    runFloods(
      context,
      FLOODS.map(({ id }) => id),
    ),
};

/** Runs those of the floods that are named, in the list's order. */
export async function runFloods(
  { lab, level, log }: Context,
  ids: readonly string[],
): Promise<readonly Finding[]> {
  const field = new Field(lab, level === 'full');
  const reports: Report[] = [];
  const wanted = FLOODS.filter(({ id }) => ids.includes(id));
  try {
    await field.start();
    const victims = new Victims(field.site.fleet);
    await victims.known(8, 0);
    let readers: readonly Finding[] | undefined;
    for (const flood of wanted) {
      // Its packets come from the same ports.
      if (flood.id === 'noise') readers = await judgeReaders(field, level);
      log(`${flood.id} …`);
      const report = await run(flood, field, victims, EFFORT[level]);
      reports.push(report);
      for (const seen of report.seen) log(`  ${oneLine(seen)}`);
    }
    readers ??= await judgeReaders(field, level);
    const [asked, told] = [await field.accounts.tallies('asked'), await field.accounts.tallies('told')];
    const rested = await rest(field, level, log);
    const beside = level === 'full' ? await besides(field, wanted, log) : new Map<string, string>();
    return [
      ...reports.flatMap((report) => [
        boots(report, BOUNDS[level], beside.get(report.flood.id)),
        ...strangers(report),
        ...guest(report),
      ]),
      ...services(reports, BOUNDS[level], rested),
      ...readers,
      unasked(asked, told, field.mayBeTold),
    ];
  } finally {
    await field.stop();
  }
}

/** Idle services give memory back after three quarters of a minute. */
const REST_MS = 60_000;

/** What services hold once they have been idle; undefined where there is no time for that. */
async function rest({ site }: Field, level: Level, log: Context['log']): Promise<Of<number> | undefined> {
  if (level === 'short') return undefined;
  log('rest …');
  await sleep(REST_MS);
  return memoryOf(site.appliance);
}

/** Once the last packet has been sent again, and before others come from the same ports. */
async function judgeReaders({ accounts, isReader }: Field, level: Level): Promise<readonly Finding[]> {
  const requests = await accounts.tallies('requests');
  if (![...requests.keys()].some((peer) => isReader(peer.split(':')[0]!))) return [];
  return [amplification(requests, await accounts.tallies('replies'), isReader, BOUNDS[level])];
}

/** How dnsmasq's known machines boot in the same floods, by flood. */
async function besides(
  field: Field,
  wanted: readonly Flood[],
  log: Context['log'],
): Promise<Map<string, string>> {
  const figures = new Map<string, string>();
  const shared = wanted.filter(({ peer }) => peer);
  if (shared.length === 0 || !Peer.isThere()) return figures;
  const peer = new Peer(field);
  await peer.start();
  try {
    for (const flood of shared) {
      log(`dnsmasq: ${flood.id} …`);
      figures.set(flood.id, `; dnsmasq ${besideText(await peer.bear(flood))}`);
    }
  } finally {
    await peer.stop();
  }
  return figures;
}
