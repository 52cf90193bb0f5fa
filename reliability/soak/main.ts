// `npm run soak -- --hours N` (or --minutes N): runs the services under a mixed load and says whether they stay as they are. Exit status 1 where they
// grow, or a machine does not boot. --json FILE keeps the samples, a JSON object a line; --plot FILE draws them; --write both draws and
// records in docs/. --from FILE
// judges samples of an earlier run instead.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, thisMachine } from '../../bench/machine.ts';
import { replaced } from '../../bench/report.ts';
import { plot } from './plot.ts';
import { complaints, judgeAll, outcomeOf, plain, table, whatHappened } from './report.ts';
import { soak } from './run.ts';
import type { Sample } from './sample.ts';

const { values: wanted } = parseArgs({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    from: { type: 'string' },
    plot: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const minutes = Number(wanted.hours ?? 0) * 60 + Number(wanted.minutes ?? 0);
if (!(minutes > 0 || wanted.from))
  throw new Error('say how long: npm run soak -- --hours 24, or --minutes 15');

const MOST_SAID = 20;
const docs = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const say = (line: string) => process.stdout.write(`${line}\n`);

const file = wanted.json ?? join(tmpdir(), `soak-${process.pid}.jsonl`);
const samples: Sample[] = [];
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

function take(sample: Sample): void {
  samples.push(sample);
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
  const { at, services, load } = sample;
  const memory = Object.entries(services).map(([name, one]) => `${name} ${one.memory.toFixed(0)} MB`);
  say(
    `  ${(at / 60).toFixed(1)} min: ${load.booted} booted, ${load.failed.length} failed; ${memory.join(', ')}`,
  );
}

if (wanted.from !== undefined) {
  const lines = readFileSync(wanted.from, 'utf8').trim().split('\n');
  samples.push(...lines.map((line) => JSON.parse(line) as Sample));
} else {
  say(`${minutes} minutes; samples go to ${file}`);
  writeFileSync(file, '');
  await soak({ minutes, seed: Number(wanted.seed), take, stop: stop.signal });
}
const judged = judgeAll(samples);
const outcome = outcomeOf(samples);
const story = whatHappened(outcome, samples.at(-1)!.at / 60);
for (const one of judged) say(plain(one));
say(story);
if (wanted.plot !== undefined) writeFileSync(wanted.plot, plot(samples));
if (wanted.write) {
  writeFileSync(docs('images/soak.svg'), plot(samples));
  const text = `\`npm run soak -- --minutes ${Math.round(samples.at(-1)!.at / 60)}\`, ${new Date().toISOString().slice(0, 10)}, ${machineLine(thisMachine())}: ${story}.\n\n${table(judged)}`;
  writeFileSync(docs('reliability.md'), replaced(readFileSync(docs('reliability.md'), 'utf8'), 'soak', text));
}
const wrong = complaints(judged, outcome);
for (const one of wrong.slice(0, MOST_SAID)) say(`WRONG: ${one}`);
if (wrong.length > MOST_SAID) say(`WRONG: ${wrong.length - MOST_SAID} more`);
say(wrong.length === 0 ? 'flat' : 'not as it should be');
process.exitCode = wrong.length === 0 ? 0 : 1;
