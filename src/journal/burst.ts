/** What came together in one stretch of a burst. */
export interface Burst<A = string> {
  /** Times that it happened. */
  readonly count: number;
  /** How many addresses it came from; beyond {@link MOST_SOURCES} they are not told apart. */
  readonly sources: number;
  /** The address that most of it came from. */
  readonly address: A;
  readonly milliseconds: number;
}

export const MOST_SOURCES = 1024;

/** A burst is told when it is a second old, so that it is known how large it is, and then once a minute while it goes on. */
const FIRST_MS = 1000;
const THEN_MS = 60_000;

interface Stretch<A> {
  readonly since: number;
  count: number;
  readonly from: Map<A, number>;
}

/** Of what anybody can cause any number of times: each kind of it is told once a burst, with how many, and from where. */
export class Bursts<K extends string, A = string> {
  readonly #tell: (kind: K, burst: Burst<A>) => void;
  readonly #monotonic: () => number;
  readonly #later: (milliseconds: number, callback: () => void) => void;
  readonly #under = new Map<K, Stretch<A>>();

  /** @param later calls back after so many milliseconds. */
  constructor(
    tell: (kind: K, burst: Burst<A>) => void,
    monotonic: () => number,
    later: (milliseconds: number, callback: () => void) => void = unhurried,
  ) {
    this.#tell = tell;
    this.#monotonic = monotonic;
    this.#later = later;
  }

  note(kind: K, address: A): void {
    const stretch = this.#under.get(kind) ?? this.#begin(kind, FIRST_MS);
    stretch.count += 1;
    const before = stretch.from.get(address);
    if (before !== undefined || stretch.from.size < MOST_SOURCES)
      stretch.from.set(address, (before ?? 0) + 1);
  }

  #begin(kind: K, length: number): Stretch<A> {
    const stretch: Stretch<A> = { since: this.#monotonic(), count: 0, from: new Map() };
    this.#under.set(kind, stretch);
    this.#later(length, () => this.#over(kind, stretch));
    return stretch;
  }

  /** A minute without anything ends the burst. */
  #over(kind: K, { since, count, from }: Stretch<A>): void {
    this.#under.delete(kind);
    if (count === 0) return;
    this.#begin(kind, THEN_MS);
    const [address] = [...from].reduce((most, one) => (one[1] > most[1] ? one : most));
    const milliseconds = Math.round(this.#monotonic() - since);
    this.#tell(kind, { count, sources: from.size, address, milliseconds });
  }
}

function unhurried(milliseconds: number, callback: () => void): void {
  setTimeout(callback, milliseconds).unref();
}

/** "10.0.0.5", or "10.0.0.5 and 12 others". */
export function sourcesText({ address, sources }: Pick<Burst, 'address' | 'sources'>): string {
  if (sources <= 1) return address;
  const others =
    sources >= MOST_SOURCES
      ? `${sources - 1} others and more`
      : `${sources - 1} other${sources === 2 ? '' : 's'}`;
  return `${address} and ${others}`;
}
