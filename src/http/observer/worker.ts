import { parentPort, workerData } from 'node:worker_threads';
import { JournalReader } from '../../journal/store/journal-reader.ts';
import { Timelines } from '../../journal/timeline/timelines.ts';
import { giveWay } from '../../platform/background.ts';
import { collectWhenIdle } from '../../platform/idle-memory.ts';
import { answerTo } from './answers.ts';
import { LeaseReader } from './lease-reader.ts';
import type { Commission, Order, Word } from './messages.ts';
import { pauseAfter, Watcher } from './watcher.ts';

/** Some 10 kB an attempt: half a gigabyte for the largest fleet, 20 MB for one of two hundred. */
const KEPT = { machines: 5000, attempts: 10, steps: 200 };

/** The observer's thread: reads databases and folds them, so that the thread that serves files never does. */
giveWay();
collectWhenIdle();
const { state, since } = workerData as Commission;
const port = parentPort!;
const now = Date.now;
const journal = new JournalReader(state, now);
const timelines = new Timelines(KEPT);
const leases = new LeaseReader(state, now);
const watcher = new Watcher({ journal, timelines, leases, now, since });
const parts = { journal, timelines, leases, watcher };

const tell = (word: Word) => port.postMessage(word);

function turn(): void {
  const began = performance.now();
  const report = watcher.turn();
  // Behind questions that have come in meanwhile.
  if (report === 'more') return void setImmediate(turn);
  if (report) tell({ kind: 'report', report });
  setTimeout(turn, pauseAfter(performance.now() - began));
}

const OBEY: { readonly [K in Order['kind']]: (order: Extract<Order, { kind: K }>) => void } = {
  question({ id, question }) {
    try {
      const answer = answerTo(question, parts);
      // Bytes are moved rather than copied: nobody here needs them any more.
      port.postMessage(
        { kind: 'answer', id, answer } satisfies Word,
        answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : [],
      );
    } catch (error) {
      tell({ kind: 'failed', id, reason: error instanceof Error ? error.message : String(error) });
    }
  },
  frames({ wanted }) {
    watcher.wantFrames = wanted;
  },
};

port.on('message', (order: Order) => (OBEY[order.kind] as (order: Order) => void)(order));
turn();
