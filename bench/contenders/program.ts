import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../../test/lab/leftovers.ts';
import type { Running } from '../contract.ts';
import type { Field } from '../field.ts';

const PATIENCE_MS = 60_000;

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Ports that it listens on once it answers. */
  readonly listens: readonly `${'udp' | 'tcp'} ${number}`[];
}

/** A folder for a server's settings, leases and logs, which servers that give up root can enter. */
export function serverFolder(name: string): string {
  const folder = temporaryFolder(`bench-${name}`);
  chmodSync(folder, 0o777);
  return folder;
}

/** Starts the programs on the field's server; resolves when all of them listen. `folder` is removed when they are stopped. */
export async function startPrograms(
  field: Field,
  folder: string,
  programs: readonly Program[],
): Promise<Running> {
  const started: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(started.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const program of programs) started.push(await startProgram(field, program));
  } catch (error) {
    await stop();
    throw error;
  }
  return { pids: started.map(({ pid }) => pid!), folder, stop };
}

async function startProgram(field: Field, program: Program): Promise<ChildProcess> {
  const { file, args, environment = {}, listens } = program;
  let said = '';
  const running = field.serve(file, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const hear = (text: string) => (said = (said + text).slice(-4000));
  for (const stream of [running.stdout!, running.stderr!]) stream.setEncoding('utf8').on('data', hear);
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isListening(field, listens))) {
    if (running.exitCode !== null || performance.now() > deadline) {
      await end(running);
      throw new Error(`${file} does not listen on ${listens.join(', ')}: ${said}`);
    }
    await sleep(20);
  }
  return running;
}

async function isListening(field: Field, listens: Program['listens']): Promise<boolean> {
  const { output } = await field.server.run('ss', ['-Hltun']);
  const sockets = output.split('\n').map((line) => line.trim().split(/\s+/));
  return listens.every((wanted) => {
    const [protocol, port] = wanted.split(' ');
    return sockets.some(([kind, , , , local = '']) => kind === protocol && local.endsWith(`:${port}`));
  });
}

/** setpriv, nsenter and taskset become the program, so that this is its own process. */
async function end(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const gone = once(running, 'close');
  running.kill('SIGTERM');
  const impatient = setTimeout(() => running.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(impatient);
}
