import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GENERATED } from '../../src/boot/generated.ts';
import { Random } from '../../test/fuzz/random.ts';
import type { Context, Finding } from '../contract.ts';
import { Crowd } from './crowd.ts';
import { heldTwice, holdsOf } from './facts.ts';
import { LOADERS } from './loaders.ts';
import { type How, Loads } from './loads.ts';
import { Rounds, Tally } from './rounds.ts';
import { Originals } from './served.ts';
import { SERVER, Site } from './site.ts';
import { parts } from './state.ts';

const SIZE = { full: { rounds: 200, machines: 50 }, short: { rounds: 14, machines: 40 } } as const;
/** What a service has left may take so long to be cleared once it serves. */
const CLEARED_WITHIN_MS = 10_000;
const LONGEST_BACK_MS = 10_000;
/** Loaded again and again. */
const JOBS = [
  'tftp:vmlinuz',
  'http:vmlinuz',
  ...LOADERS.slice(0, 2).flatMap((name) => [`tftp:${name}`, `http:${name}`]),
  ...GENERATED.flatMap((name) => [`tftp:${name}`, `http:${name}`]),
];

/** Services killed at any moment, under load. */
export async function killed({ lab, folder, level, log }: Context, seed: number): Promise<Finding[]> {
  const { rounds, machines } = SIZE[level];
  const numbers = new Random(seed);
  const random = () => numbers.next();
  const home = join(folder, 'killed');
  mkdirSync(home);
  const site = new Site(lab, home);
  const tally = new Tally();
  const originals = new Originals(site.kernel);
  site.startMirror();
  const crowd = new Crowd(site.machines, { adapter: 'eth0', machines, seed });
  const loads = new Loads(site.machines, SERVER, JOBS);
  try {
    const killing = new Rounds({ site, crowd, originals, random, folder: home, tally });
    await killing.start();
    for (let round = 1; round <= rounds; round++) {
      await killing.round();
      if (round % 20 === 0)
        log(`round ${round} of ${rounds}, ${crowd.facts.length} answers, ${loads.all.length} files`);
    }
    await killing.settle();
    await crowd.mark();
    const left = await cleared(site.images);
    return findings({ seed, tally, crowd, loads, originals, left });
  } finally {
    crowd.stop();
    loads.stop();
    await site.end();
  }
}

/** What is still there of unfinished writes once everything has had its time. */
async function cleared(images: string): Promise<readonly string[]> {
  const deadline = performance.now() + CLEARED_WITHIN_MS;
  while (parts(images).length > 0 && performance.now() < deadline) await sleep(100);
  return parts(images);
}

interface Seen {
  readonly seed: number;
  readonly tally: Tally;
  readonly crowd: Crowd;
  readonly loads: Loads;
  readonly originals: Originals;
  readonly left: readonly string[];
}

function findings({ seed, tally, crowd, loads, originals, left }: Seen): Finding[] {
  const { kills, early, back, caught } = tally;
  const all = kills.dhcp + kills.tftp + kills.http;
  const holds = holdsOf(crowd.facts);
  const twice = heldTwice(holds);
  const acks = crowd.facts.filter(({ kind }) => kind === 'ack').length;
  const whole = (how: How) => loads.all.filter((load) => load.how === how && load.sha256 !== undefined);
  const got = [...whole('tftp'), ...whole('http')];
  const mixed = got.filter((load) => !originals.wasWhole(load));
  const broke = loads.all.length - got.length;
  const sorted = back.toSorted((a, b) => a - b);
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  const { wrong } = tally;
  const what = (found: readonly string[]) => (found.length > 0 ? `; ${found.slice(0, 3).join('; ')}` : '');
  return [
    {
      id: 'kills',
      claim:
        'Services killed with `kill -9` at random moments, while machines got addresses and loaded files',
      figure:
        `${all} times (dhcp ${kills.dhcp}, tftp ${kills.tftp}, http ${kills.http}; ${early} before it served, ${caught} in the middle of a write ` +
        `to images/), seed ${seed}`,
      holds: Object.values(kills).every((count) => count > 0),
    },
    {
      id: 'kills-twice',
      claim: 'Addresses that two machines held at a time, by their own account of ACKs, leases and releases',
      figure: `${twice ? JSON.stringify(twice) : 'none'}, in ${holds.length} holdings by ${acks} ACKs`,
      bound: 'none',
      holds: twice === undefined && acks > 5 * all,
    },
    {
      id: 'kills-promised',
      claim: 'Leases that a machine had an ACK for, found in the database that a killed dhcp left',
      figure: `${tally.promises} looked up${what(wrong.promises)}`,
      bound: 'all there',
      holds: tally.promises > 10 * kills.dhcp && wrong.promises.length === 0,
    },
    {
      id: 'kills-databases',
      claim: 'Databases of leases and journals that `PRAGMA integrity_check` finds whole after a kill',
      figure: `${tally.databases} checked${what(wrong.databases)}`,
      bound: 'all',
      holds: tally.databases > all / 2 && wrong.databases.length === 0,
    },
    {
      id: 'kills-halves',
      claim: 'Loaders and scripts in images/, and files that machines took for whole, that were not',
      figure:
        `${wrong.files.length} of ${tally.files} looked at after kills; ${mixed.length} of ${whole('tftp').length} by TFTP and ${whole('http').length} by HTTP ` +
        `(${broke} broke off, and the machine knew); ${left.length} unfinished ones left${what([...wrong.files, ...mixed.map(({ how, file }) => `${file} by ${how}`), ...left])}`,
      bound: 'none',
      holds: mixed.length + left.length === 0 && got.length > all && wrong.files.length === 0,
    },
    {
      id: 'kills-back',
      claim: 'From a kill until the service serves again, without anybody’s help',
      figure: `${seconds(sorted[sorted.length >> 1] ?? 0)} in the middle, ${seconds(sorted.at(-1) ?? 0)} at worst, ${sorted.length} starts${what(wrong.starts)}`,
      bound: `≤ ${LONGEST_BACK_MS / 1000} s`,
      holds: wrong.starts.length === 0 && sorted.length > 0 && sorted.at(-1)! <= LONGEST_BACK_MS,
    },
  ];
}
