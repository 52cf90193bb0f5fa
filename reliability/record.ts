import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Machine, machineLine } from '../bench/machine.ts';
import { replaced } from '../bench/report.ts';
import { type Finding, type Level, SUITES, type SuiteName } from './contract.ts';
import { table } from './report.ts';

const JSON_FILE = fileURLToPath(new URL('../docs/reliability.json', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../docs/reliability.md', import.meta.url));

/** One suite's last run. */
export interface SuiteRecord {
  readonly date: string;
  readonly level: Level;
  readonly machine: Machine;
  readonly findings: readonly Finding[];
}

/** docs/reliability.json */
export type Recorded = { readonly [name in SuiteName]?: SuiteRecord };

/** Suites that ran replace what was there of them; the others stay, each with its own date. */
export function record(suites: Recorded): void {
  const all: Recorded = { ...readRecorded(), ...suites };
  const ordered = Object.fromEntries(SUITES.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
  writeFileSync(JSON_FILE, `${JSON.stringify(ordered, undefined, 1)}\n`);
  writeFileSync(DOCUMENT, documentWith(readFileSync(DOCUMENT, 'utf8'), ordered));
}

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(JSON_FILE, 'utf8'));
}

/** The document with the tables of all suites brought up to date. @throws Error where a marker is missing. */
export function documentWith(document: string, recorded: Recorded): string {
  return SUITES.reduce((text, name) => {
    const suite = recorded[name];
    return suite ? replaced(text, name, section(name, suite)) : text;
  }, document);
}

function section(name: SuiteName, { date, level, machine, findings }: SuiteRecord): string {
  const command = `npm run reliability -- --only ${name}${level === 'short' ? ' --short' : ''}`;
  return `\`${command}\`, ${date}, ${machineLine(machine)}:\n\n${table(findings)}`;
}
