import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { isDamaged } from '../../platform/database.ts';

/** Empty where the database is whole. */
export type DatabaseAnswer = Record<string, never> | { readonly damaged: boolean; readonly why: string };

/** Reads through one SQLite file, without writing to it. */
function readThrough(file: string): DatabaseAnswer {
  try {
    using database = new DatabaseSync(file, { readOnly: true, timeout: 500 });
    const found = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0];
    return found === 'ok' ? {} : { damaged: true, why: String(found) };
  } catch (error) {
    return { damaged: isDamaged(error), why: (error as Error).message };
  }
}

parentPort?.postMessage(readThrough(workerData as string));
