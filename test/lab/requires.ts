import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a test may need of its machine: 'root', 'netns' (namespaces can be made), a program's name, or an absolute path. */
export type Need = 'root' | 'netns' | (string & {});

const PROGRAM_FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

const probes: Record<string, () => string | undefined> = {
  root: () => (process.getuid?.() === 0 ? undefined : 'needs root'),
  netns: () => {
    try {
      execFileSync('unshare', ['--net', 'true'], { stdio: 'pipe' });
      return program('ip');
    } catch {
      return 'needs the right to make network namespaces';
    }
  },
};

function program(name: string): string | undefined {
  const found = PROGRAM_FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found ? undefined : `needs the program ${name}`;
}

function file(path: string): string | undefined {
  return existsSync(path) ? undefined : `needs ${path}`;
}

/**
 * Options for test() or describe(): skips, with the reason, where a need is missing.
 *
 * @throws Error instead under CI, where a skipped test would pass for a tested one.
 */
export function requires(...needs: readonly Need[]): { skip: string } | Record<string, never> {
  const missing = needs.flatMap((need) => {
    const probe = probes[need] ?? (() => (need.startsWith('/') ? file(need) : program(need)));
    return probe() ?? [];
  });
  if (missing.length === 0) return {};
  const reason = missing.join(', ');
  if (process.env.CI) throw new Error(`this test ${reason}, and under CI nothing may be skipped`);
  return { skip: reason };
}
