import { resultCode } from './database.ts';

/** Why something cannot be kept in STATE_DIR, and what to do, in words. */
export interface Trouble {
  readonly reason: string;
  readonly remedy: string;
}

const DISK = 'Free space on the disk of STATE_DIR, or lower JOURNAL_SIZE';
const RIGHTS = 'Make STATE_DIR writable for the user that the service runs as, and its volume not read-only';
const READ_ONLY =
  'Mount the volume of STATE_DIR writable; if it was, look for faults of the disk in the output of dmesg';

/** By SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const REMEDIES: Readonly<Record<number, string>> = {
  3: RIGHTS,
  5: 'Close the program that holds it (a backup, or sqlite3)',
  8: RIGHTS,
  10: `${DISK}; if it is not full, look for faults of the disk in the output of dmesg`,
  13: DISK,
  14: RIGHTS,
};

const BY_ERRNO: Readonly<Record<string, string>> = { ENOSPC: DISK, EDQUOT: DISK, EROFS: READ_ONLY };

export function troubleOf(error: unknown): Trouble {
  const { message, code, remedy: told } = error as NodeJS.ErrnoException & Partial<Trouble>;
  // One that another thread has told comes with its remedy.
  const remedy = told ?? REMEDIES[resultCode(error)] ?? BY_ERRNO[code ?? ''] ?? RIGHTS;
  return { reason: message ?? String(error), remedy };
}
