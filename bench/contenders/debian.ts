import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program of a Debian package that is installed as usual. */
export interface Packaged {
  readonly file: string;
  readonly package: string;
}

export function missing({ file, package: name }: Packaged): string | undefined {
  return existsSync(file) ? undefined : `${file} is missing: apt-get install --no-install-recommends ${name}`;
}

/** Debian's version of the package, or where it was installed otherwise, that this is not known. */
export function version({ package: name }: Packaged): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return 'unknown';
  }
}
