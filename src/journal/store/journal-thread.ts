import { Worker } from 'node:worker_threads';
import type { Write } from './journal-database.ts';
import type { JournalWorkerData, WriteAnswer } from './journal-worker.ts';

/** A thread takes 9 MB, and starts within 50 ms: one that has nothing to write for so long is ended. */
const REST_AFTER_MS = 20_000;

/** The writing thread, as the service's thread sees it: started when it is needed, replaced when it died. */
export class JournalThread {
  readonly #data: Omit<JournalWorkerData, 'continues'>;
  readonly #died: (error: Error) => void;
  #worker: Worker | undefined;
  #answered: ((answer: WriteAnswer) => void) | undefined;
  #rest: NodeJS.Timeout | undefined;
  /** The run that was written last: another thread goes on with it. */
  #run: number | undefined;

  /** @param died Told when a thread has ended that nobody had ended. */
  constructor(data: Omit<JournalWorkerData, 'continues'>, died: (error: Error) => void = () => undefined) {
    this.#data = data;
    this.#died = died;
  }

  /** One at a time. Never rejects: what cannot be written is answered with why. */
  write(write: Write): Promise<WriteAnswer> {
    clearTimeout(this.#rest);
    return new Promise((resolve) => {
      this.#answered = (answer) => {
        if (!('failed' in answer)) this.#run = write.run.from;
        this.#rest = setTimeout(() => this.#end(), REST_AFTER_MS).unref();
        resolve(answer);
      };
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
    clearTimeout(this.#rest);
    this.#answered = undefined;
    await this.#end();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./journal-worker.ts', import.meta.url), {
      workerData: { ...this.#data, continues: this.#run } satisfies JournalWorkerData,
    });
    worker.on('message', (answer: WriteAnswer) => this.#answer(answer));
    const gone = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#died(error);
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
