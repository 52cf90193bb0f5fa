import type { Coverage } from '../../journal/coverage.ts';
import type { Recorded } from '../../journal/recorded.ts';
import { HOLD_BACK_MS, type JournalReader } from '../../journal/store/journal-reader.ts';
import type { Timelines } from '../../journal/timeline/timelines.ts';
import { Tally } from '../metrics/tally.ts';
import { FrameMaker } from './frame-maker.ts';
import type { LeaseReader } from './lease-reader.ts';
import type { Report } from './messages.ts';

export interface WatcherParts {
  readonly journal: Pick<JournalReader, 'next' | 'coverage' | 'problems'>;
  readonly timelines: Pick<Timelines, 'take' | 'owner' | 'judge' | 'changed' | 'verdicts' | 'summaries'>;
  readonly leases: Pick<LeaseReader, 'look' | 'changed' | 'owners' | 'problems'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What happened before has been told and counted, or never will be; milliseconds since 1970. */
  readonly since: number;
}

/** Rows that are taken before questions get their turn. */
export const ROWS_AT_ONCE = 300;
/** With nothing new, verdicts that depend on time, leases and signs of life are looked at so often. */
export const LOOK_EVERY_MS = 1000;

/** Follows the journals: folds what they hold, judges it, and reports what has changed. Turn by turn, so that its thread stays answerable. */
export class Watcher {
  readonly #parts: WatcherParts;
  readonly #tally: Tally;
  readonly #frames = new FrameMaker();
  #coverage: Coverage = { runs: [], gaps: [] };
  #lookedAt = Number.NEGATIVE_INFINITY;
  #until: number;
  #told: number | undefined;
  /** True until all that was there at the start has been read. */
  #replaying = true;
  #fault: string | undefined;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#tally = new Tally(parts.since);
    this.#until = parts.since - 1;
  }

  get coverage(): Coverage {
    return this.#coverage;
  }

  /** Everything before this moment has been told to listeners; undefined while the past is being read. Milliseconds since 1970. */
  get told(): number | undefined {
    return this.#told;
  }

  set wantFrames(wanted: boolean) {
    this.#frames.wanted = wanted;
  }

  /** Takes some rows. @returns a report where there is something to tell, 'more' where there are more rows to take first. */
  turn(): Report | 'more' | undefined {
    const { journal, now, since } = this.#parts;
    const time = now();
    const due = time - this.#lookedAt >= LOOK_EVERY_MS;
    if (due) {
      this.#lookedAt = time;
      this.#look();
    }
    const rows = journal.next(ROWS_AT_ONCE);
    for (const row of rows) this.#take(row);
    if (rows.length === ROWS_AT_ONCE) return 'more';
    // What was recorded just before the start is still held back.
    if (this.#replaying) return time < since + HOLD_BACK_MS ? undefined : this.#report(time);
    return rows.length === 0 && !due ? undefined : this.#report(time);
  }

  problems(): readonly string[] {
    const { journal, leases } = this.#parts;
    return [
      ...(this.#replaying ? ['the journal is still being read; what is shown is not complete yet'] : []),
      ...(this.#fault === undefined ? [] : [this.#fault]),
      ...journal.problems(),
      ...leases.problems(),
    ];
  }

  /** One record that cannot be understood costs itself, not the view of all the others. */
  #take(row: Recorded): void {
    try {
      this.#parts.timelines.take(row);
      this.#tally.take(row);
      if (row.at >= this.#parts.since) this.#frames.take(row);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#fault = `event ${row.id} (${row.event?.kind}) in the journal of ${row.service} is left out: ${reason}`;
    }
    this.#until = Math.max(this.#until, row.at);
  }

  #look(): void {
    const { journal, leases, timelines } = this.#parts;
    this.#coverage = journal.coverage();
    this.#tally.covered(this.#coverage);
    leases.look();
    if (!leases.changed()) return;
    for (const { address, mac } of leases.owners()) timelines.owner(address, mac);
    this.#frames.leasesChanged();
  }

  #report(now: number): Report | undefined {
    const { timelines } = this.#parts;
    timelines.judge(now, this.#coverage);
    const anew = this.#replaying;
    this.#replaying = false;
    this.#told = this.#until + 1;
    // After a replay most of it was told long ago; what is judged from then on is news, however long ago it began.
    const verdicts = timelines.verdicts().filter(({ at }) => !anew || at >= this.#parts.since);
    for (const verdict of verdicts) this.#tally.judged(verdict);
    const changed = new Set(timelines.changed());
    const shown = this.#frames.wanted && !anew && changed.size > 0 ? timelines.summaries() : [];
    const frames = this.#frames.make(shown.filter(({ mac }) => changed.has(mac)));
    const measurements = this.#tally.drain();
    if (!anew && frames.length + measurements.length + verdicts.length === 0) return undefined;
    return { anew, frames: anew ? [] : frames, measurements, verdicts, until: this.#until };
  }
}

const PAUSE_MS = 250;
const PAUSE_PER_TURN = 10;
const LONGEST_PAUSE_MS = 5000;

/** Milliseconds to wait after a turn that took so many: watching takes a tenth of a processor at most, and is never long asleep. */
export function pauseAfter(took: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, PAUSE_PER_TURN * took));
}
