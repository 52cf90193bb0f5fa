import type { Event, Sink } from './event.ts';

const SUM_UP_MS = 10_000;
/** So few turned away are machines of a rack that is a little larger than its pool: each is told with its own boot. */
const WORTH_TELLING = 10;
const QUIET_MS = 60_000;
const TELL_AGAIN_MS = 600_000;
/** More sources are counted as one. */
const MOST_SOURCES = 64;

interface Burst {
  readonly since: number;
  last: number;
  told: number | undefined;
  asked: number;
  took: number;
  readonly sources: Map<string, number>;
}

/**
 * Counts the machines that are turned away at their first try, which no machine's timeline shows and no line tells one by one, and tells once what
 * goes on: after 10 s, every 10 minutes while it lasts, and when it is over.
 */
export class StarvationWatch {
  readonly #sink: Sink;
  readonly #adapter: string;
  readonly #monotonic: () => number;
  readonly #later: (milliseconds: number, callback: () => void) => void;
  #burst: Burst | undefined;

  /** @param later calls back after so many milliseconds. */
  constructor(
    sink: Sink,
    adapter: string,
    monotonic: () => number,
    later: (milliseconds: number, callback: () => void) => void,
  ) {
    this.#sink = sink;
    this.#adapter = adapter;
    this.#monotonic = monotonic;
    this.#later = later;
  }

  readonly tell: Sink = (event: Event) => {
    if (event.kind === 'dhcp.turned-away') {
      this.#count(event.source);
      return;
    }
    if (this.#burst && event.kind === 'dhcp.ack' && event.probation) this.#burst.took += 1;
    this.#sink(event);
  };

  #count(source: string): void {
    const now = this.#monotonic();
    const burst = this.#burst ?? this.#begin(now);
    burst.last = now;
    burst.asked += 1;
    const { sources } = burst;
    const before = sources.get(source);
    if (before !== undefined || sources.size < MOST_SOURCES) sources.set(source, (before ?? 0) + 1);
  }

  #begin(now: number): Burst {
    this.#burst = { since: now, last: now, told: undefined, asked: 0, took: 0, sources: new Map() };
    this.#later(SUM_UP_MS, () => this.#look());
    return this.#burst;
  }

  #look(): void {
    const burst = this.#burst;
    if (!burst) return;
    const now = this.#monotonic();
    const isOver = now - burst.last >= QUIET_MS;
    const isNews =
      burst.told === undefined ? burst.asked >= WORTH_TELLING : now - burst.told >= TELL_AGAIN_MS;
    if (isOver ? burst.told !== undefined : isNews) {
      this.#sink(this.#summary(burst, isOver ? burst.last : now, isOver));
      burst.told = now;
    }
    if (isOver) this.#burst = undefined;
    else this.#later(SUM_UP_MS, () => this.#look());
  }

  #summary({ since, asked, took, sources }: Burst, until: number, over: boolean): Event {
    const [[source] = ['']] = [...sources].sort(([, one], [, other]) => other - one);
    const seconds = Math.max(1, Math.round((until - since) / 1000));
    const others = sources.size - 1;
    return {
      kind: 'dhcp.starvation',
      seconds,
      asked,
      took,
      source,
      others,
      adapter: this.#adapter,
      over,
    };
  }
}
