/** More ports of switches than a subnet has behind one relay; whoever makes up more of them shares one. */
const MOST = 256;
const SHARED = 0;
/** Seconds of quiet until a source that was crowded counts as calm. */
export const CROWDED_TIME = 60;

/**
 * Where machines that nobody knows ask from, and what goes on there: how many offers to such machines are open, and whether they are too many. A
 * source is told by a number.
 */
export class Sources {
  readonly #byName = new Map<string, number>();
  readonly #open = new Int32Array(MOST);
  readonly #crowdedUntil = new Float64Array(MOST).fill(Number.NEGATIVE_INFINITY);
  #unused = Array.from({ length: MOST - 1 }, (_, n) => MOST - 1 - n);
  #sweptAt = Number.NEGATIVE_INFINITY;

  of(name: string, now: number): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#unused.length === 0) this.#sweep(now);
    const source = this.#unused.pop() ?? SHARED;
    if (source !== SHARED) this.#byName.set(name, source);
    return source;
  }

  /** As {@link of}, without taking note of one that is new. */
  find(name: string): number | undefined {
    return this.#byName.get(name) ?? (this.#unused.length === 0 ? SHARED : undefined);
  }

  openOf(source: number): number {
    return this.#open[source]!;
  }

  opened(source: number): void {
    this.#open[source]! += 1;
  }

  closed(source: number): void {
    this.#open[source]! -= 1;
  }

  isCrowded(source: number, now: number): boolean {
    return isWithin(this.#crowdedUntil[source]!, now);
  }

  crowd(source: number, now: number): void {
    this.#crowdedUntil[source] = now + CROWDED_TIME;
  }

  /** Forgets those where nothing goes on; once a second, whatever names are made up. */
  #sweep(now: number): void {
    if (this.#sweptAt === now) return;
    this.#sweptAt = now;
    for (const [name, source] of this.#byName) {
      if (this.#open[source] !== 0 || this.isCrowded(source, now)) continue;
      this.#byName.delete(name);
      this.#unused.push(source);
    }
  }
}

/** True until that moment, and not longer than it was meant where the clock is set back. */
export function isWithin(crowdedUntil: number, now: number): boolean {
  return crowdedUntil > now && crowdedUntil - now <= CROWDED_TIME;
}
