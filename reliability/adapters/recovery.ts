import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Finding } from '../contract.ts';
import { FAULTS, type Fault } from './faults.ts';
import { Prober } from './prober.ts';
import { SERVED, SERVICES, Site } from './site.ts';

const ROUNDS = { short: 2, full: 6 } as const;
/** The services look each second; then they start. In the short form all parts run at once, beside other tests. */
const WORST_MS = { short: 10_000, full: 4000 } as const;
/** Rounds in which health was asked too late to say it: a busy host. */
const MOST_SILENT = { full: 0, short: 1 } as const;
const MEDIAN_MS = { short: 10_000, full: 2000 } as const;
/** Journals and the first use of something keep some; the five keepers of loaders wait, or fetch at this moment. */
const MORE = { descriptors: 4, timers: 8 } as const;

/** Faults, round by round, on services that run all the time; which ones, by their ids. */
export async function recovery(
  context: Context,
  part: string,
  wanted: readonly string[],
): Promise<Finding[]> {
  const faults = FAULTS.filter(({ id, short }) => wanted.includes(id) && (short || context.level === 'full'));
  const site = new Site(context.lab, `${context.folder}/${part}`);
  site.plug(SERVED);
  await site.start();
  const prober = new Prober(site.inside);
  try {
    await prober.booted(0, undefined, 30);
    const before = await site.held();
    const findings: Finding[] = [];
    for (const fault of faults) findings.push(...(await tried(fault, site, prober, context)));
    await sleep(3000);
    const after = await site.held();
    const pids = site.pids;
    const rounds = faults.length * ROUNDS[context.level];
    const grown = SERVICES.map((name) => ({
      name,
      descriptors: after[name].descriptors - before[name].descriptors,
      timers: after[name].timers - before[name].timers,
    }));
    return [
      ...findings,
      {
        id: `leaks-${part}`,
        claim: `After these ${rounds} (${part}) the same processes run, and hold no more descriptors and timers`,
        figure: grown
          .map(
            ({ name, descriptors, timers }) =>
              `${name} ${signed(descriptors)} descriptors, ${signed(timers)} timers`,
          )
          .join('; '),
        bound: `≤ +${MORE.descriptors} descriptors, ≤ +${MORE.timers} timers each`,
        holds:
          pids.every(isAlive) &&
          grown.every((one) => one.descriptors <= MORE.descriptors && one.timers <= MORE.timers),
      },
    ];
  } finally {
    prober.stop();
    await site.stop();
  }
}

async function tried(fault: Fault, site: Site, prober: Prober, context: Context): Promise<Finding[]> {
  const took: number[] = [];
  const silent: string[] = [];
  const rounds = ROUNDS[context.level];
  for (let round = 0; round < rounds; round++) {
    // Not in step with the second in which the services look.
    await sleep(100 + Math.random() * 900);
    const health = fault.health && said(fault.health, site);
    const isSo = await fault.does(site, round % 2 === 1);
    const since = Date.now();
    const boot = await prober.booted(since, isSo);
    took.push(boot ? boot.ended - since : Number.POSITIVE_INFINITY);
    if (health && !(await health)) silent.push(`round ${round + 1}`);
  }
  took.sort((a, b) => a - b);
  const median = took[Math.floor(took.length / 2)]!;
  const worst = took.at(-1)!;
  context.log(`${fault.id}: ${took.map((one) => Math.round(one)).join(' ')} ms`);
  const told =
    fault.health === undefined
      ? ''
      : silent.length === 0
        ? '; health said so'
        : `; health silent in ${silent}`;
  return [
    {
      id: `adapter-${fault.id}`,
      claim: `Served again: adapter ${fault.what}`,
      figure: `${rounds} of ${rounds} times; median ${ms(median)}, worst ${ms(worst)}${told}`.replace(
        /^(\d+) of/,
        `${took.filter(Number.isFinite).length} of`,
      ),
      bound: `all; ≤ ${MEDIAN_MS[context.level] / 1000} s and ≤ ${WORST_MS[context.level] / 1000} s`,
      holds:
        worst <= WORST_MS[context.level] &&
        median <= MEDIAN_MS[context.level] &&
        silent.length <= MOST_SILENT[context.level],
    },
  ];
}

/** Whether dhcp's health says it within the time that the fault lasts, and a little. */
async function said(health: RegExp, site: Site): Promise<boolean> {
  const until = performance.now() + 3000;
  while (performance.now() < until) {
    const problems = await site.problems('dhcp');
    if (problems.some((problem) => health.test(problem))) return true;
    await sleep(50);
  }
  return false;
}

const ms = (time: number) => (Number.isFinite(time) ? `${(time / 1000).toFixed(2)} s` : 'never');
const signed = (count: number) => `${count < 0 ? '−' : '+'}${Math.abs(count)}`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
