import { Worker } from 'node:worker_threads';
import type { Event, Sink } from '../../journal/event.ts';
import { SERVICE_STOPPED } from '../../journal/http-events.ts';
import type { Loose } from '../../platform/tcp-handover.ts';
import type { Commission, Order, Texts, Word } from './messages.ts';
import { Unfinished } from './unfinished.ts';

export type OpenThread = (commission: Commission) => Worker;

export interface ThreadParts {
  readonly commission: Commission;
  /** Takes what is told of the thread. */
  readonly sink: Sink;
  /** Takes what the thread tells. */
  readonly told: Sink;
  readonly take: (loose: Loose) => void;
  readonly texts: () => Promise<Texts>;
  readonly monotonic: () => number;
  readonly open: OpenThread;
}

/** One that died is replaced after a second, then later and later; after a minute of life it had no fault of long standing. */
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
/** Closing connections takes milliseconds. */
const STOP_WITHIN_MS = 1000;

/** One worker thread after the other: the next is started when one dies, until stop(). */
export class Thread {
  readonly #parts: ThreadParts;
  readonly #unfinished: Unfinished;
  #worker: Worker | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryIn = FIRST_RETRY_MS;
  #opened = 0;
  #finished: (() => void) | undefined;
  #stopped: (() => void) | undefined;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
    this.#unfinished = new Unfinished(parts.sink, parts.monotonic);
  }

  start(): void {
    const { commission, monotonic, open } = this.#parts;
    const worker = open(commission);
    worker.unref();
    this.#opened = monotonic();
    this.#worker = worker;
    worker.on('message', (word: Word) => (this.#hear[word.kind] as (word: Word) => void)(word));
    worker.once('error', (error: unknown) => {
      this.#lost(worker, error instanceof Error ? error.message : String(error));
    });
    worker.once('exit', (code) => this.#lost(worker, `it ended with status ${code}`));
    void this.#sendTexts(false);
  }

  order(order: Order): void {
    this.#worker?.postMessage(order);
  }

  /** Transfers that it has told the beginning of, and not the end. */
  get underWay(): number {
    return this.#unfinished.size;
  }

  /** It begins no transfer from now on. Resolves when its last one is over, or `end` is aborted. */
  async finish(end: AbortSignal): Promise<void> {
    if (!this.#worker || end.aborted) return;
    await new Promise<void>((resolve) => {
      this.#finished = resolve;
      end.addEventListener('abort', () => resolve(), { once: true });
      this.order({ kind: 'finish' });
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    const worker = this.#worker;
    if (!worker) return;
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      setTimeout(resolve, STOP_WITHIN_MS).unref();
      this.order({ kind: 'stop' });
    });
    this.#worker = undefined;
    await worker.terminate();
    this.#unfinished.abort(SERVICE_STOPPED);
  }

  readonly #hear: { readonly [K in Word['kind']]: (word: Extract<Word, { kind: K }>) => void } = {
    listening: () => undefined,
    events: ({ events }) => {
      for (const event of events) this.#tell(event);
    },
    connection: ({ loose }) => this.#parts.take(loose),
    ask: () => void this.#sendTexts(true),
    finished: () => this.#finished?.(),
    stopped: () => this.#stopped?.(),
  };

  #tell(event: Event): void {
    this.#unfinished.hear(event);
    this.#parts.told(event);
  }

  async #sendTexts(answers: boolean): Promise<void> {
    this.order({ kind: 'texts', texts: await this.#parts.texts(), answers });
  }

  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#finished?.();
    if (this.#stopped) {
      this.#stopped();
      return;
    }
    const { sink, monotonic } = this.#parts;
    if (monotonic() - this.#opened > LONGEST_RETRY_MS) this.#retryIn = FIRST_RETRY_MS;
    this.#unfinished.abort('the thread that sent it has ended');
    sink({ kind: 'http.worker.ended', reason, retryIn: this.#retryIn });
    this.#retry = setTimeout(() => this.start(), this.#retryIn).unref();
    this.#retryIn = Math.min(this.#retryIn * 2, LONGEST_RETRY_MS);
  }
}

/** Starts the real one. */
export function openThread(workerData: Commission): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { workerData });
}
