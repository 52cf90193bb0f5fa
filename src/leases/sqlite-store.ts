import { Worker } from 'node:worker_threads';
import type { Trouble } from '../platform/storage-trouble.ts';
import type { Lease, LeaseChange, LeaseStore } from './lease.ts';
import type { LeasesSetAside } from './lease-database.ts';
import type { Dating } from './redate.ts';
import type { StoreAnswer, StoreRequest, StoreWorkerData } from './sqlite-worker.ts';

/** What may befall a lease database, told when it is found. */
export interface StoreNews {
  readonly setAside: (aside: LeasesSetAside) => void;
  /** It is another one than it was: what was saved before is not in it. */
  readonly begunAnew: () => void;
  /** Leases were read, and none can be saved as long as this lasts. */
  readonly unwritable: (trouble: Trouble) => void;
  /** The thread that writes has died; another one takes its place. */
  readonly threadEnded: (error: Error) => void;
}

/** Why leases could not be read or saved. */
export class StoreError extends Error {
  readonly remedy: string;

  constructor({ reason, remedy }: Trouble) {
    super(reason);
    this.name = 'StoreError';
    this.remedy = remedy;
  }
}

/** A thread takes 7 MB and starts within 50 ms: one that is asked nothing for so long is ended. */
const REST_AFTER_MS = 30_000;

type Ask = StoreRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

/**
 * Leases in an SQLite file, written by a worker thread. Saves that arrive while one is on its way to the disk go together in
 * the next transaction.
 */
export class SqliteLeaseStore implements LeaseStore {
  readonly #file: string;
  readonly #news: Partial<StoreNews>;
  #worker: Worker | undefined;
  #rest: NodeJS.Timeout | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, { resolve(answer: StoreAnswer): void; reject(error: Error): void }>();
  #pending: { changes: LeaseChange[]; done: Promise<void> } | undefined;
  #running: Promise<unknown> = Promise.resolve();

  #identity = '';
  /** Under which clock leases are saved. */
  #dating: Dating | undefined;

  constructor(file: string, news: Partial<StoreNews> = {}) {
    this.#file = file;
    this.#news = news;
  }

  /** @param now to bring the leases to that clock first: see redating. */
  async *load(now?: Dating): AsyncGenerator<Lease[]> {
    this.#dating = now;
    let page = this.#page(-1, now);
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
      this.#hear(await this.#ask({ ask: 'save', changes: JSON.stringify(batch) }));
    });
    this.#pending = { changes: batch, done };
    this.#running = done.catch(() => undefined);
    return done;
  }

  /** What is on disk of these addresses, behind all that was saved before. */
  async read(addresses: readonly number[]): Promise<Lease[]> {
    await this.#running;
    const answer = await this.#ask({ ask: 'read', addresses });
    return 'leases' in answer ? (JSON.parse(answer.leases ?? '[]') as Lease[]) : [];
  }

  /** Leases are kept under another clock from now on: those that were saved are later by so many seconds. */
  async shift(seconds: number, now: Dating): Promise<void> {
    const done = this.#running.then(async () => {
      this.#hear(await this.#ask({ ask: 'shift', seconds, now }));
      this.#dating = now;
    });
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

  async #page(after: number, now?: Dating): Promise<Lease[]> {
    const answer = await this.#ask({ ask: 'load', after, now });
    if ('failed' in answer) return [];
    this.#hear(answer, false);
    return JSON.parse(answer.leases ?? '[]') as Lease[];
  }

  #hear(answer: StoreAnswer, telling = true): void {
    if ('failed' in answer) return;
    const { setAside, unwritable, identity } = answer;
    if (setAside) this.#news.setAside?.(setAside);
    if (unwritable) this.#news.unwritable?.(unwritable);
    const before = this.#identity;
    this.#identity = identity || before;
    if (telling && before !== '' && before !== this.#identity) this.#news.begunAnew?.();
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
      workerData: { file: this.#file, dating: this.#dating } satisfies StoreWorkerData,
    });
    worker.on('message', (answer: StoreAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      // Only a request under way keeps the process alive.
      if (this.#waiting.size === 0) {
        worker.unref();
        this.#restAfter(worker);
      }
      if ('failed' in answer) waiting?.reject(new StoreError(answer.failed));
      else waiting?.resolve(answer);
    });
    // A worker that died is replaced at the next request; those that wait for it must not wait for ever.
    const lost = (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#news.threadEnded?.(error);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('the lease writer has ended')));
    worker.unref();
    return worker;
  }
}
