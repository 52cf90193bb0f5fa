import { Worker } from 'node:worker_threads';
import type { Lease, LeaseChange, LeaseStore } from './lease.ts';
import type { StoreAnswer, StoreRequest } from './sqlite-worker.ts';

/** A thread takes 7 MB and starts within 50 ms: one that is asked nothing for so long is ended. */
const REST_AFTER_MS = 30_000;

type Ask = StoreRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/**
 * Leases in an SQLite file, written by a worker thread. Saves that arrive while one is on its way to the disk go together in
 * the next transaction.
 */
export class SqliteLeaseStore implements LeaseStore {
  readonly #file: string;
  readonly #onSetAside: (file: string) => void;
  #worker: Worker | undefined;
  #rest: NodeJS.Timeout | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, { resolve(answer: StoreAnswer): void; reject(error: Error): void }>();
  #pending: { changes: LeaseChange[]; done: Promise<void> } | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(file: string, onSetAside: (file: string) => void) {
    this.#file = file;
    this.#onSetAside = onSetAside;
  }

  async *load(): AsyncGenerator<Lease[]> {
    let page = this.#page(-1);
    for (;;) {
      const leases = await page;
      const last = leases.at(-1);
      if (!last) return;
      // Read while the caller does something with this one.
      page = this.#page(last.address);
      page.catch(() => undefined);
      yield leases;
    }
  }

  save(changes: readonly LeaseChange[]): Promise<void> {
    if (changes.length === 0) return Promise.resolve();
    if (this.#pending) {
      this.#pending.changes.push(...changes);
      return this.#pending.done;
    }
    const batch: LeaseChange[] = [...changes];
    const done = this.#running.then(async () => {
      this.#pending = undefined;
      await this.#ask({ ask: 'save', changes: JSON.stringify(batch) });
    });
    this.#pending = { changes: batch, done };
    this.#running = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#running;
    if (this.#worker) await this.#ask({ ask: 'close' });
    clearTimeout(this.#rest);
    this.#worker = undefined;
  }

  /** Nobody waits for the thread: it ends by itself, behind what it was asked, and the next question starts another. */
  #restAfter(worker: Worker): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      if (this.#worker !== worker || this.#waiting.size > 0) return;
      this.#worker = undefined;
      worker.postMessage({ id: 0, ask: 'close' });
    }, REST_AFTER_MS).unref();
  }

  async #page(after: number): Promise<Lease[]> {
    const answer = await this.#ask({ ask: 'load', after });
    if (!('leases' in answer)) return [];
    if (answer.setAside) this.#onSetAside(answer.setAside);
    return JSON.parse(answer.leases ?? '[]') as Lease[];
  }

  async #ask(request: Ask): Promise<StoreAnswer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId++;
    worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...request });
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
      workerData: { file: this.#file },
    });
    worker.on('message', (answer: StoreAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      // Only a request under way keeps the process alive.
      if (this.#waiting.size === 0) {
        worker.unref();
        this.#restAfter(worker);
      }
      if ('failed' in answer) waiting?.reject(new Error(answer.failed));
      else waiting?.resolve(answer);
    });
    // A worker that died is replaced at the next request; those that wait for it must not wait for ever.
    const lost = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('the lease writer has ended')));
    worker.unref();
    return worker;
  }
}
