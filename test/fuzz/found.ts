import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Finding } from './run.ts';

const FOLDER = fileURLToPath(new URL('./found/', import.meta.url));

/** A finding as it is kept: inputs in hex, fed again by every run of the tests. */
export interface Kept {
  readonly target: string;
  readonly problem: string;
  readonly inputs: readonly string[];
}

export function keep({ target, problem, inputs }: Finding): string {
  const hex = inputs.map((input) => Buffer.from(input).toString('hex'));
  const name = `${target}-${createHash('sha256').update(hex.join()).digest('hex').slice(0, 8)}.json`;
  const kept: Kept = { target, problem: problem.split('\n')[0]!, inputs: hex };
  writeFileSync(FOLDER + name, `${JSON.stringify(kept, null, 2)}\n`);
  return FOLDER + name;
}

export function readKept(file: string): Kept {
  return JSON.parse(readFileSync(file, 'utf8')) as Kept;
}

export function allKept(): { name: string; kept: Kept }[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => ({ name, kept: readKept(FOLDER + name) }));
}

export function bytesOf({ inputs }: Kept): Uint8Array[] {
  return inputs.map((hex) => Buffer.from(hex, 'hex'));
}
