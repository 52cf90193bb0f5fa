// `npm run bench [-- --quick|--smoke] [-- --only dhcp,tftp] [-- --write]`: measures ours beside its peers, on this machine, in one run.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Level, type Measurement, SUITES, type Suite, type SuiteName } from './contract.ts';
import { BenchLab } from './lab.ts';
import { record } from './record.ts';
import { plain } from './report.ts';

const { values: wanted } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const level: Level = wanted.smoke ? 'smoke' : wanted.quick ? 'quick' : 'full';
const names = wanted.only?.split(',') ?? SUITES;
const unknown = names.filter((name) => !SUITES.includes(name as SuiteName));
if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}: there are ${SUITES.join(', ')}`);

const say = (line: string) => process.stdout.write(`${line}\n`);

async function suiteOf(name: string): Promise<Suite | undefined> {
  const file = new URL(`./suites/${name}.ts`, import.meta.url);
  if (!existsSync(file)) return undefined;
  return (await import(file.href)).suite;
}

async function measure(lab: BenchLab, name: string): Promise<readonly Measurement[]> {
  const suite = await suiteOf(name);
  if (!suite) return [];
  const begun = performance.now();
  try {
    const measurements = await suite.run(lab);
    for (const measurement of measurements) say(plain(measurement));
    return measurements;
  } finally {
    await lab.clear();
    say(`  (${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s)\n`);
  }
}

const lab = new BenchLab(level, say);
const measured: Measurement[] = [];
let wrong = false;
try {
  for (const name of SUITES.filter((suite) => names.includes(suite))) {
    say(name);
    try {
      measured.push(...(await measure(lab, name)));
    } catch (error) {
      wrong = true;
      say(`  WRONG: ${(error as Error).stack}`);
    }
  }
} finally {
  await lab.close();
}
if (wanted.write || level === 'full') record(measured);
wrong ||= measured.some((measurement) => (measurement.wrong ?? []).length > 0);
process.exitCode = wrong ? 1 : 0;
