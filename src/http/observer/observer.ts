import { Worker } from 'node:worker_threads';
import type { Coverage } from '../../journal/coverage.ts';
import type { Sink } from '../../journal/event.ts';
import { DiagnosisGate } from './diagnosis-gate.ts';
import type { Commission, Order, Question, Report, Word } from './messages.ts';
import {
  type AddressRange,
  type Asks,
  type Change,
  type LogQuery,
  type Observed,
  ObserverError,
} from './observed.ts';

export interface ObserverOptions {
  /** The folder of the journals and of the lease database. */
  readonly state: string;
  readonly sink: Sink;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The thread that does the work; a test has its own hand on it. */
  readonly open?: (commission: Commission) => Worker;
}

/** A worker that died is replaced after a second, then later and later: what killed it may be in the journal. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** Reading a chunk takes milliseconds; who waits longer than this is told so. */
const ANSWER_WITHIN_MS = 10_000;
/** More than the fold may ever grow to; a leak ends the worker rather than the service. */
const MEMORY_MB = 1024;
/** V8 would let new objects take 48 MB in time: most that is read is soon forgotten. */
const YOUNG_MB = 4;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The main thread's side of the observer: asks its thread, passes on what it tells, and starts it anew when it dies. */
export class Observer implements Observed {
  readonly #options: ObserverOptions;
  readonly #gate: DiagnosisGate;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryIn = FIRST_RETRY_MS;
  #nextId = 1;
  #framesWanted = false;
  #since = 0;
  #coverage: Coverage = { runs: [], gaps: [] };

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#gate = new DiagnosisGate(options.sink, () => performance.now());
  }

  /** Returns at once; the journals are read while the service already serves. */
  start(): void {
    this.#since = this.#options.now();
    this.#open();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#reject(new ObserverError('the service is stopping'));
    await worker?.terminate();
  }

  machines = () => this.#ask<'machines'>({ ask: 'machines' });
  machine = (mac: string) => this.#ask<'machine'>({ ask: 'machine', mac });
  packets = (mac: string, from: number, to: number) =>
    this.#ask<'packets'>({ ask: 'packets', mac, from, to });
  log = (query: LogQuery) => this.#ask<'log'>({ ask: 'log', query });
  leases = () => this.#ask<'leases'>({ ask: 'leases' });
  leaseStates = (ranges: readonly AddressRange[]) => this.#ask<'leaseStates'>({ ask: 'leaseStates', ranges });

  async coverage(): Promise<Coverage> {
    try {
      this.#coverage = await this.#ask<'coverage'>({ ask: 'coverage' });
    } catch (error) {
      if (!(error instanceof ObserverError)) throw error;
    }
    return this.#coverage;
  }

  async problems(): Promise<readonly string[]> {
    try {
      return await this.#ask<'problems'>({ ask: 'problems' });
    } catch (error) {
      return [(error as Error).message];
    }
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  wantFrames(wanted: boolean): void {
    this.#framesWanted = wanted;
    this.#order({ kind: 'frames', wanted });
  }

  /** @throws ObserverError, rejecting: there is no worker at the moment, it dies meanwhile, or says nothing for long. */
  #ask<A extends keyof Asks>(question: Question & { ask: A }): Promise<Asks[A]['answer']> {
    if (!this.#worker)
      return Promise.reject(new ObserverError('the journals are not read at the moment; the log says why'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#waiting.delete(id);
        reject(new ObserverError(`the journals were not read within ${ANSWER_WITHIN_MS / 1000} s`));
      };
      const timer = setTimeout(late, ANSWER_WITHIN_MS).unref();
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, timer });
      this.#order({ kind: 'question', id, question });
    });
  }

  #order(order: Order): void {
    this.#worker?.postMessage(order);
  }

  #open(): void {
    const { state, open = openThread } = this.#options;
    const worker = open({ state, since: this.#since });
    worker.unref();
    worker.on('message', (word: Word) => this.#hear(word));
    worker.once('error', (error: unknown) => {
      this.#lost(worker, error instanceof Error ? error.message : String(error));
    });
    worker.once('exit', (code) => this.#lost(worker, `its thread ended with status ${code}`));
    this.#worker = worker;
    this.#order({ kind: 'frames', wanted: this.#framesWanted });
  }

  #hear(word: Word): void {
    if (word.kind === 'report') {
      this.#report(word.report);
      return;
    }
    const waiting = this.#waiting.get(word.id);
    if (!waiting) return;
    this.#waiting.delete(word.id);
    clearTimeout(waiting.timer);
    if (word.kind === 'answer') waiting.resolve(word.answer);
    else waiting.reject(new ObserverError(word.reason));
  }

  #report({ verdicts, until, ...change }: Report): void {
    this.#retryIn = FIRST_RETRY_MS;
    this.#since = until + 1;
    for (const verdict of verdicts) this.#gate.tell(verdict);
    for (const listener of this.#listeners) listener(change);
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#reject(new ObserverError(`the reading of the journals broke off: ${reason}; it begins anew`));
    this.#options.sink({ kind: 'http.observer.ended', reason, retryIn: this.#retryIn });
    this.#retry = setTimeout(() => this.#open(), this.#retryIn).unref();
    this.#retryIn = Math.min(this.#retryIn * 2, LONGEST_RETRY_MS);
  }

  #reject(error: Error): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** Starts the real one. */
export function openThread(workerData: Commission): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
}
