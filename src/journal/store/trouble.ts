import { resultCode } from '../../platform/database.ts';

/** Why the journal cannot be written, and what to do, in words. */
export interface Trouble {
  readonly reason: string;
  readonly remedy: string;
}

const DISK = 'Free space on the disk of STATE_DIR, or lower JOURNAL_SIZE';
const RIGHTS = 'Make STATE_DIR writable for the user that the service runs as';

/** By SQLite's primary result codes, https://www.sqlite.org/rescode.html */
const REMEDIES: Readonly<Record<number, string>> = {
  3: RIGHTS,
  5: 'Close the program that holds it (a backup, or sqlite3)',
  8: RIGHTS,
  10: `${DISK}; if it is not full, look for faults of the disk in the output of dmesg`,
  13: DISK,
  14: RIGHTS,
};

export function troubleOf(error: unknown): Trouble {
  const { message, code } = error as NodeJS.ErrnoException;
  const remedy = REMEDIES[resultCode(error)] ?? (code === 'ENOSPC' ? DISK : RIGHTS);
  return { reason: message ?? String(error), remedy };
}
