import type { Context, Finding, Level, Suite } from '../contract.ts';
import { Field } from '../floods/field.ts';
import { type Effort, type Report, run } from '../floods/flood.ts';
import { amplification, type Bounds, boots, services, strangers, unasked } from '../floods/judge.ts';
import { FLOODS } from '../floods/list.ts';
import { Victims } from '../floods/victims.ts';

const EFFORT: Readonly<Record<Level, Effort>> = {
  full: { calm: [6, 3], during: [8, 10], rounds: 2 },
  short: { calm: [2, 0], during: [4, 1], rounds: 1 },
};
/** A busy host takes its time; what is counted is the same. */
const BOUNDS: Readonly<Record<Level, Bounds>> = {
  full: { medianSeconds: 3, megabytes: 150, lines: 100, replies: 6 },
  short: { medianSeconds: 10, megabytes: 150, lines: 100, replies: 6 },
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
  const field = new Field(lab);
  const reports: Report[] = [];
  try {
    await field.start();
    const victims = new Victims(field.site.fleet);
    await victims.known(8, 0);
    let readers: Finding | undefined;
    for (const flood of FLOODS.filter(({ id }) => ids.includes(id))) {
      // Its packets come from the same ports.
      if (flood.id === 'noise') readers = await judgeReaders(field, level);
      log(`${flood.id} …`);
      reports.push(await run(flood, field, victims, EFFORT[level]));
    }
    readers ??= await judgeReaders(field, level);
    return [
      ...reports.flatMap((report) => [boots(report, BOUNDS[level]), ...strangers(report)]),
      ...services(reports, BOUNDS[level]),
      readers,
      unasked(await field.accounts.tallies('asked'), await field.accounts.tallies('told'), field.mayBeTold),
    ];
  } finally {
    await field.stop();
  }
}

async function judgeReaders({ accounts, isReader }: Field, level: Level): Promise<Finding> {
  const requests = await accounts.tallies('requests');
  return amplification(requests, await accounts.tallies('replies'), isReader, BOUNDS[level]);
}
