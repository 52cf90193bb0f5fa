import { Worker } from 'node:worker_threads';
import type { Write } from './journal-database.ts';
import type { JournalWorkerData, WriteAnswer } from './journal-worker.ts';

/** The writing thread, as the service's thread sees it: started when it is needed, replaced when it died. */
export class JournalThread {
  readonly #data: JournalWorkerData;
  #worker: Worker | undefined;
  #answered: ((answer: WriteAnswer) => void) | undefined;

  constructor(data: JournalWorkerData) {
    this.#data = data;
  }

  /** One at a time. Never rejects: what cannot be written is answered with why. */
  write(write: Write): Promise<WriteAnswer> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      try {
        this.#worker ??= this.#start();
        this.#worker.postMessage(write, [write.batch.bytes.buffer]);
      } catch (error) {
        this.#answer(failed(error as Error));
      }
    });
  }

  /** A write that is still under way is never answered. */
  async end(): Promise<void> {
    this.#answered = undefined;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./journal-worker.ts', import.meta.url), { workerData: this.#data });
    worker.on('message', (answer: WriteAnswer) => this.#answer(answer));
    const gone = (error: Error) => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#answer(failed(error));
    };
    worker.on('error', gone);
    worker.on('exit', () => gone(new Error('the thread that writes it has ended')));
    // The journal is no reason to go on living.
    worker.unref();
    return worker;
  }

  #answer(answer: WriteAnswer): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }
}

function failed({ message }: Error): WriteAnswer {
  return { failed: { reason: message, remedy: 'Another thread is started for it; nothing is to be done' } };
}
