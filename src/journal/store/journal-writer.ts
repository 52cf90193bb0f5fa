import type { FineClock } from '../../platform/clock.ts';
import type { SetAside } from '../../platform/database.ts';
import type { Trouble } from '../../platform/storage-trouble.ts';
import type { Event, Sink } from '../event.ts';
import { faultText } from '../fault.ts';
import { SIGN_EVERY_MS } from '../recorded.ts';
import { throttle } from '../throttle.ts';
import { type Batch, encodeBatch } from './batch.ts';
import { JournalThread } from './journal-thread.ts';
import type { WriteAnswer } from './journal-worker.ts';
import { type Entry, type Lost, Queue, type QueueLimits } from './queue.ts';
import { RunTime } from './run-time.ts';
import { SignFile } from './sign-file.ts';

export { journalFile } from './schema.ts';

export interface JournalOptions {
  readonly file: string;
  readonly clock: FineClock;
  /** Told what becomes of the journal; may hand it to {@link JournalWriter.record}. */
  readonly told: Sink;
  /** How far back it may reach. */
  readonly days: number;
  /** How much it may hold, with all of its files. */
  readonly bytes: number;
  readonly limits?: QueueLimits;
}

const FLUSH_EVERY_MS = 150;
/** So often a journal that cannot be written is tried again. */
const RETRY_EVERY_MS = 1000;
/** One transaction; longer ones would only keep readers waiting for what is in them. */
const BATCH_EVENTS = 2000;
const STOP_WITHIN_MS = 1000;

/**
 * Keeps what happens in one service. What happens is stamped and queued, and nothing more; the rest is done a few times a second, and
 * another thread's. What cannot be written is dropped, and the journal says where it has a gap.
 */
export class JournalWriter {
  readonly #options: JournalOptions;
  readonly #tell: Sink;
  readonly #queue: Queue;
  readonly #thread: JournalThread;
  readonly #sign: SignFile;
  readonly #time: RunTime;
  #timer: NodeJS.Timeout | undefined;
  #underway: Promise<void> | undefined;
  #signed = 0;
  #signedRun = 0;
  #outage: (Trouble & { readonly since: number; tried: number }) | undefined;

  constructor(options: JournalOptions) {
    const { file, days, bytes, clock, told, limits } = options;
    this.#options = options;
    this.#queue = new Queue(limits);
    this.#thread = new JournalThread({ file, days, bytes }, (error) =>
      told({ kind: 'config.thread-ended', writes: 'the journal', reason: faultText(error) }),
    );
    this.#sign = new SignFile(file);
    this.#time = new RunTime(clock.millis());
    this.#tell = throttle(told, clock.monotonic, { 'journal.lost': { events: 1, period: 60_000 } });
  }

  /** Never throws, never waits. */
  readonly record: Sink = (event) => {
    const at = this.#now();
    this.#queue.push(at, event);
    // What was summed up did not get here.
    if (event.kind === 'dhcp.crowd') for (const lost of missing(at, event)) this.#queue.lose(lost);
  };

  start(): void {
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY_MS).unref();
    this.#flush();
  }

  /** In words; empty where it is written. */
  problems(): readonly string[] {
    if (!this.#outage) return [];
    const { reason, remedy } = this.#outage;
    return [`the journal ${this.#options.file} cannot be written: ${reason}. ${remedy}`];
  }

  /** Writes what is queued, as far as that takes no longer than a second, and says goodbye. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    let timeout: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timeout = setTimeout(resolve, STOP_WITHIN_MS);
    });
    await Promise.race([this.#drain(), late]);
    clearTimeout(timeout);
    this.#sign.close();
    await this.#thread.end();
  }

  async #drain(): Promise<void> {
    while (this.#underway) await this.#underway;
    // What is still recorded after this moment is nobody's any more.
    for (let left = Math.max(1, Math.ceil(this.#queue.length / BATCH_EVENTS)); left > 0; left--) {
      await this.#write(left === 1);
      if (this.#outage) return;
    }
  }

  #flush(): void {
    const { monotonic } = this.#options.clock;
    const now = this.#now();
    if (this.#underway) return;
    if (this.#outage && monotonic() - this.#outage.tried < RETRY_EVERY_MS) return;
    const known = this.#time.from === this.#signedRun;
    const empty = this.#queue.length === 0;
    if (empty && known && now - this.#signed < SIGN_EVERY_MS) return;
    const work = empty && known && !this.#outage ? this.#signOnly(now) : this.#write(false);
    this.#underway = work.then(() => {
      this.#underway = undefined;
      if (this.#queue.length >= BATCH_EVENTS) this.#flush();
    });
  }

  /** Nothing has happened: that needs no transaction, and no thread. */
  async #signOnly(seen: number): Promise<void> {
    if (await this.#sign.put({ from: this.#time.from, seen })) this.#signed = seen;
    else await this.#write(false);
  }

  async #write(ended: boolean): Promise<void> {
    const now = this.#now();
    const entries = this.#queue.take(BATCH_EVENTS);
    const lost = this.#queue.takeLost();
    const seen = this.#queue.length === 0 ? now : (entries.at(-1)?.at ?? now);
    const run = { from: this.#time.from, seen, ended };
    const batch = encoded(entries);
    const answer = batch ? await this.#thread.write({ batch, lost, run }) : unencodable;
    if ('failed' in answer) return this.#failed(answer.failed, entries, lost);
    this.#signed = seen;
    this.#signedRun = run.from;
    this.#written(answer.setAside, lost?.events ?? 0);
  }

  #failed(trouble: Trouble, entries: readonly Entry[], lost: Lost | undefined): void {
    const { file, clock } = this.#options;
    if (lost) this.#queue.lose(lost);
    const [first, last] = [entries[0], entries.at(-1)];
    if (first && last) this.#queue.lose({ from: first.at, to: last.at, events: entries.length });
    const tried = clock.monotonic();
    if (!this.#outage) this.#tell({ kind: 'journal.failed', file, ...trouble });
    this.#outage = { ...trouble, since: this.#outage?.since ?? tried, tried };
  }

  #written(setAside: SetAside | undefined, events: number): void {
    const { file, clock } = this.#options;
    if (setAside) this.#tell({ kind: 'journal.set-aside', file, aside: setAside.file, why: setAside.why });
    if (this.#outage) {
      const seconds = Math.round((clock.monotonic() - this.#outage.since) / 1000);
      this.#outage = undefined;
      this.#tell({ kind: 'journal.mended', file, seconds, events });
    } else if (events > 0) this.#tell({ kind: 'journal.lost', file, events });
  }

  #now(): number {
    return this.#time.at(this.#options.clock.millis());
  }
}

/** Without their packets exchanges are whole; nothing is missing then. */
function missing(at: number, { milliseconds, events }: Extract<Event, { kind: 'dhcp.crowd' }>): Lost[] {
  const lost = Object.values(events).reduce((sum, one) => sum + one, 0);
  return lost > 0 ? [{ from: at - milliseconds, to: at, events: lost }] : [];
}

const unencodable: WriteAnswer = {
  failed: { reason: 'an event of the last batch is not JSON', remedy: 'That is a fault of remoteboot' },
};

function encoded(entries: readonly Entry[]): Batch | undefined {
  try {
    return encodeBatch(entries);
  } catch {
    return undefined;
  }
}
