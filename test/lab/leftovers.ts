import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names are `rblab-<pid>-…`: a later run can tell what outlived the test that made it. */
const NAMED = /^rblab-(\d+)-/;

/** A name that says whose it is. */
export function ownName(rest: string): string {
  return `rblab-${process.pid}-${rest}`;
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `${ownName(name)}-`));
}

/** Those of the names in a folder that belong to a process that is no more. */
export function orphansIn(folder: string): string[] {
  return namesIn(folder).filter((name) => {
    const owner = NAMED.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  });
}

export function removeOrphanedFolders(): void {
  for (const name of orphansIn(tmpdir())) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
