import { readdir } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { nearest } from '../assets/nearest.ts';

/** Where a requested name lies inside the folder, as a path that cannot leave it. */
export function pathInside(folder: string, name: string): string {
  return join(folder, posix.normalize(`/${name.replaceAll('\\', '/')}`));
}

/** The name of a file that stands beside the missing one and is almost called that, for the log. */
export async function nearestName(missing: string): Promise<string | undefined> {
  try {
    const names = await readdir(dirname(missing));
    return nearest(
      basename(missing),
      names.filter((name) => !name.startsWith('.')),
    );
  } catch {
    return undefined;
  }
}
