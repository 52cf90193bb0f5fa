import { readFileSync } from 'node:fs';

/** How many files and sockets this process may have open (RLIMIT_NOFILE); node:process has raised that as far as it may. Infinity where it is not told. */
export function descriptorLimit(
  read: () => string = () => readFileSync('/proc/self/limits', 'latin1'),
): number {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(read()) ?? [];
    return most === undefined ? Number.POSITIVE_INFINITY : Number(most);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
