import { readdir } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';

/** Where a requested name lies inside the folder, as a path that cannot leave it. */
export function pathInside(folder: string, name: string): string {
  return join(folder, posix.normalize(`/${name.replaceAll('\\', '/')}`));
}

/** The name of a file that stands beside the missing one and is almost called that, for the log. */
export async function nearestName(missing: string): Promise<string | undefined> {
  const wanted = basename(missing);
  try {
    const names = await readdir(dirname(missing));
    return names.find((name) => !name.startsWith('.') && isNear(name, wanted));
  } catch {
    return undefined;
  }
}

/**
 * Letter case aside, at most one edit apart: a character added, left out or changed, or two neighbours
 * exchanged.
 */
export function isNear(a: string, b: string): boolean {
  const [short, long] = [a.toLowerCase(), b.toLowerCase()].sort((x, y) => x.length - y.length) as [
    string,
    string,
  ];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1);
  if (short.slice(at + 1) === long.slice(at + 1)) return true;
  return (
    short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2)
  );
}
