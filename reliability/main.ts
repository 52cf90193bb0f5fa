// `npm run reliability [-- --short] [-- --only floods,kills] [-- --write] [-- --json FILE]`: what is claimed of faults and floods, tried and counted.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { thisMachine } from '../bench/machine.ts';
import { type Level, SUITES, type SuiteName } from './contract.ts';
import { type Recorded, record, type SuiteRecord } from './record.ts';
import { plain } from './report.ts';
import { run, suiteOf } from './run.ts';

const { values: wanted } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const level: Level = wanted.short ? 'short' : 'full';
const names = wanted.only?.split(',') ?? SUITES;
for (const name of names) await suiteOf(name);

const say = (line: string) => process.stdout.write(`${line}\n`);

async function recordOf(name: SuiteName): Promise<SuiteRecord> {
  const begun = performance.now();
  const findings = await run(name, level, (line) => say(`  ${line}`));
  for (const finding of findings) say(plain(finding));
  say(`  (${name}: ${((performance.now() - begun) / 1000).toFixed(0)} s)\n`);
  return { date: new Date().toISOString().slice(0, 10), level, machine: thisMachine(), findings };
}

const recorded: { -readonly [name in keyof Recorded]: Recorded[name] } = {};
let wrong = false;
for (const name of SUITES.filter((suite) => names.includes(suite))) {
  say(name);
  try {
    const suite = await recordOf(name);
    recorded[name] = suite;
    wrong ||= suite.findings.some(({ holds }) => !holds);
  } catch (error) {
    wrong = true;
    say(`  WRONG: ${(error as Error).stack}`);
  }
}
if (wanted.json !== undefined) writeFileSync(wanted.json, JSON.stringify(recorded));
if (wanted.write || (level === 'full' && wanted.json === undefined)) record(recorded);
process.exitCode = wrong ? 1 : 0;
