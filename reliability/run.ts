import { rmSync } from 'node:fs';
import { temporaryFolder } from '../test/lab/leftovers.ts';
import { Lab } from '../test/lab/net.ts';
import { type Finding, type Level, SUITES, type Suite, type SuiteName } from './contract.ts';

/** @throws Error for a name that is none. */
export async function suiteOf(name: string): Promise<Suite> {
  if (!SUITES.includes(name as SuiteName))
    throw new Error(`no suite ${name}: there are ${SUITES.join(', ')}`);
  const [suite] = Object.values(await import(new URL(`./suites/${name}.ts`, import.meta.url).href));
  return suite as Suite;
}

/** Runs one suite in a lab of its own, which is gone afterwards. @throws what the suite throws. */
export async function run(
  name: SuiteName,
  level: Level,
  log: (line: string) => void,
): Promise<readonly Finding[]> {
  const suite = await suiteOf(name);
  const lab = new Lab();
  const folder = temporaryFolder(`reliability-${name}`);
  try {
    return await suite.run({ level, lab, folder, log });
  } finally {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
