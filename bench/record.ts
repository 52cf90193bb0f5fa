import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Level, type Measurement, SUITES, type SuiteName } from './contract.ts';
import { type Machine, machineLine } from './machine.ts';
import { figures, markdown, replaced } from './report.ts';

const JSON_FILE = fileURLToPath(new URL('../docs/performance.json', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** One suite's last run. */
export interface SuiteRecord {
  readonly date: string;
  readonly level: Level;
  readonly machine: Machine;
  /** Those that took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
}

/** docs/performance.json */
export type Recorded = { readonly [name in SuiteName]?: SuiteRecord };

/** Suites that ran replace what was there of them; the others stay, each with its own date. */
export function record(suites: Recorded): void {
  const all: Recorded = { ...read(), ...suites };
  const ordered = Object.fromEntries(SUITES.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
  writeFileSync(JSON_FILE, `${JSON.stringify(ordered, undefined, 1)}\n`);
  writeFileSync(DOCUMENT, documentWith(readFileSync(DOCUMENT, 'utf8'), ordered));
}

function read(): Recorded {
  try {
    return JSON.parse(readFileSync(JSON_FILE, 'utf8'));
  } catch {
    // The first time.
    return {};
  }
}

/** The document with all that is generated in it brought up to date. @throws Error where a marker is missing. */
export function documentWith(document: string, recorded: Recorded): string {
  const { limits, ...others } = recorded;
  const measured = Object.values(others).flatMap(({ measurements }) => measurements);
  const withResults = replaced(document, 'results', markdown(measured));
  const withLimits = replaced(withResults, 'limits', figures(limits?.measurements ?? []));
  return replaced(withLimits, 'runs', runs(recorded));
}

/** When each suite ran and on what, and who took part. */
function runs(recorded: Recorded): string {
  const entries = Object.entries(recorded);
  const table = entries.map(
    ([name, { date, level, machine }]) => `| ${name} | ${date} | ${level} | ${machineLine(machine)} |`,
  );
  const settings = Object.assign({}, ...entries.map(([, suite]) => suite.settings));
  const versions = Object.assign({}, ...entries.map(([, suite]) => suite.versions));
  const contenders = Object.keys(versions).map(
    (name) => `| ${name} | ${versions[name]} | ${settings[name] ?? ''} |`,
  );
  return [
    ...['| suite | date | level | machine |', '| --- | --- | --- | --- |', ...table, ''],
    ...['| server | version | settings |', '| --- | --- | --- |', ...contenders],
  ].join('\n');
}
