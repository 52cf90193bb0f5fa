// `npm run bench [-- --quick|--smoke] [-- --only dhcp,tftp] [-- --write]`: measures ours beside its peers, on this machine, in one run.
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { contenders } from './contenders/all.ts';
import { type ContenderName, type Level, SUITES, type Suite, type SuiteName } from './contract.ts';
import { BenchLab } from './lab.ts';
import { thisMachine } from './machine.ts';
import { record, type SuiteRecord } from './record.ts';
import { plain } from './report.ts';

const { values: wanted } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const level: Level = wanted.smoke ? 'smoke' : wanted.quick ? 'quick' : 'full';
/** Each takes minutes, whatever is left out of it. */
const LONG: readonly SuiteName[] = ['boot', 'footprint'];
const usual = level === 'quick' ? SUITES.filter((name) => !LONG.includes(name)) : SUITES;
const names = wanted.only?.split(',') ?? usual;
const unknown = names.filter((name) => !SUITES.includes(name as SuiteName));
if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}: there are ${SUITES.join(', ')}`);

const say = (line: string) => process.stdout.write(`${line}\n`);

async function suiteOf(name: string): Promise<Suite | undefined> {
  const file = new URL(`./suites/${name}.ts`, import.meta.url);
  if (!existsSync(file)) return undefined;
  const [suite] = Object.values(await import(file.href));
  return suite as Suite;
}

async function measure(lab: BenchLab, name: SuiteName): Promise<SuiteRecord | undefined> {
  const suite = await suiteOf(name);
  if (!suite) return undefined;
  const begun = performance.now();
  try {
    const measurements = await suite.run(lab);
    for (const measurement of measurements) say(plain(measurement));
    return {
      date: new Date().toISOString().slice(0, 10),
      level,
      machine: thisMachine(),
      ...who(lab),
      measurements,
    };
  } finally {
    await lab.clear();
    say(`  (${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s)\n`);
  }
}

/** Versions and settings of those that took part. */
function who(lab: BenchLab): Pick<SuiteRecord, 'versions' | 'settings'> {
  const of = (what: (name: ContenderName) => string) =>
    Object.fromEntries(lab.took.map((name) => [name, what(name)]));
  return {
    versions: of((name) => contenders[name].version()),
    settings: of((name) => contenders[name].settings),
  };
}

const lab = new BenchLab(level, say, wanted.rounds);
const recorded: Partial<Record<SuiteName, SuiteRecord>> = {};
let wrong = false;
try {
  for (const name of SUITES.filter((suite) => names.includes(suite))) {
    say(name);
    try {
      const suite = await measure(lab, name);
      if (suite) recorded[name] = suite;
      wrong ||= (suite?.measurements ?? []).some((measurement) => (measurement.wrong ?? []).length > 0);
    } catch (error) {
      wrong = true;
      say(`  WRONG: ${(error as Error).stack}`);
    }
  }
} finally {
  await lab.close();
}
if (wanted.json !== undefined) writeFileSync(wanted.json, JSON.stringify(recorded));
else if (wanted.write || level === 'full') record(recorded);
process.exitCode = wrong ? 1 : 0;
