import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A system call of a program's, whichever of its threads made it. */
export interface SystemCall {
  readonly name: string;
  /** Its arguments as strace prints them, descriptors with the files that they stand for. */
  readonly text: string;
  /** Places in the order of all that happened: when it was begun, and when it had returned. */
  readonly begun: number;
  done: number;
}

const LINE = /^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\((.*))/;

/**
 * Runs a module, given as text, under strace.
 *
 * @param names of the calls that are wanted.
 * @throws Error where the program fails.
 */
export function systemCalls(program: string, names: readonly string[]): SystemCall[] {
  const folder = mkdtempSync(join(tmpdir(), 'calls-'));
  const out = join(folder, 'trace');
  try {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, program);
    const traced = ['-f', '-y', '-qq', '-e', `trace=${names.join(',')}`, '-o', out, process.execPath, file];
    execFileSync('strace', traced, {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 60_000,
    });
    return readTrace(readFileSync(out, 'latin1'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, SystemCall>();
  for (const [at, line] of trace.split('\n').entries()) {
    const [, thread = '', resumed, name = '', text = ''] = LINE.exec(line) ?? [];
    if (resumed) {
      open.get(thread)!.done = at;
      continue;
    }
    const call = { name, text, begun: at, done: at };
    if (name) calls.push(call);
    if (text.endsWith('<unfinished ...>')) open.set(thread, call);
  }
  return calls;
}
