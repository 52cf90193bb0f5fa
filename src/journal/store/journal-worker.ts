import { parentPort, workerData } from 'node:worker_threads';
import { giveWay } from '../../platform/background.ts';
import type { SetAside } from '../../platform/database.ts';
import { type Trouble, troubleOf } from '../../platform/storage-trouble.ts';
import { JournalDatabase, type Write } from './journal-database.ts';

/** The journal's database, on a thread of its own: no disk holds up a reply. One message in, one answer out. */
export type WriteAnswer = { readonly setAside: SetAside | undefined } | { readonly failed: Trouble };

export interface JournalWorkerData {
  readonly file: string;
  readonly days: number;
  readonly bytes: number;
  /** The run that an earlier thread has written of. */
  readonly continues: number | undefined;
}

giveWay();
const { file, days, bytes, continues } = workerData as JournalWorkerData;
const database = new JournalDatabase(file, days, bytes, continues);

function answer(write: Write): WriteAnswer {
  try {
    const setAside = database.write(write);
    if (write.run.ended) database.close();
    return { setAside };
  } catch (error) {
    return { failed: troubleOf(error) };
  }
}

parentPort!.on('message', (write: Write) => parentPort!.postMessage(answer(write)));
