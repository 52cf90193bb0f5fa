import { parseArgs } from 'node:util';
import { bytesOf, keep, readKept } from './found.ts';
import { replay, run } from './run.ts';
import { TARGETS } from './targets.ts';

const USAGE = `usage: npm run fuzz -- [--minutes N] [--inputs N] [--target NAME] [--seed S] | --replay FILE
  --minutes N   as long as that in all (default 10), by turns, each turn with a seed of its own
  --inputs N    in one turn (default 500000)
  --target NAME one of ${TARGETS.map(({ name }) => name).join(', ')}
  --seed S      of the first turn; one turn with the seed and the inputs of a report is that report again
  --replay FILE feeds the inputs of a finding`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    inputs: { type: 'string', default: '500000' },
    target: { type: 'string' },
    seed: { type: 'string' },
    replay: { type: 'string' },
  },
});

async function again(file: string): Promise<boolean> {
  const kept = readKept(file);
  const target = TARGETS.find(({ name }) => name === kept.target);
  if (!target) throw new Error(`no target ${kept.target}`);
  const problem = await replay(target, bytesOf(kept));
  process.stdout.write(`${problem ?? 'nothing is wrong any more'}\n`);
  return problem === undefined;
}

async function search(): Promise<boolean> {
  const chosen = TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
  if (chosen.length === 0) throw new Error(USAGE);
  const until = performance.now() + Number(values.minutes) * 60_000;
  let seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
  let well = true;
  for (; performance.now() < until; seed += 1) {
    for (const target of chosen) {
      if (performance.now() > until) break;
      const { count, corpus, cpuMs, grown, finding } = await run(target, seed, Number(values.inputs));
      const cost = `${((1000 * cpuMs) / count).toFixed(1)} µs each, corpus ${corpus}, memory ${(grown / 1e6).toFixed(1)} MB`;
      process.stdout.write(`${target.name} seed ${seed}: ${count} inputs, ${cost}\n`);
      if (!finding) continue;
      well = false;
      const { problem, inputs, repeats } = finding;
      const command = `npm run fuzz -- --target ${target.name} --seed ${seed} --inputs ${count} --minutes 0.001`;
      process.stdout.write(`${problem}\n`);
      if (repeats) {
        for (const input of inputs) process.stdout.write(`${Buffer.from(input).toString('hex')}\n`);
        process.stdout.write(`kept; again by: npm run fuzz -- --replay ${keep(finding)}\n`);
      } else process.stdout.write(`the last inputs alone do not show it; again by: ${command}\n`);
      return false;
    }
  }
  return well;
}

process.exit((await (values.replay === undefined ? search() : again(values.replay))) ? 0 : 1);
