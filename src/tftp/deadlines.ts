/** Something that wants to be woken. Its place in the queue is kept in it, so that it is found at once. */
export interface Sleeper {
  /** When it is woken; Infinity while it is not in a queue. Only the queue changes it. */
  wakesAt: number;
  /** Its index in the queue. */
  place: number;
}

/** Who is to be woken when: a binary heap, the soonest first. Putting in, moving and taking out cost O(log n). */
export class Deadlines<T extends Sleeper> {
  readonly #heap: T[] = [];

  /** When the first one is to be woken; Infinity where nobody is. */
  get next(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0]!.wakesAt;
  }

  /** Puts in, or moves to another time. */
  set(sleeper: T, at: number): void {
    if (sleeper.wakesAt === Number.POSITIVE_INFINITY) sleeper.place = this.#heap.push(sleeper) - 1;
    sleeper.wakesAt = at;
    this.#settle(sleeper);
  }

  remove(sleeper: T): void {
    if (sleeper.wakesAt === Number.POSITIVE_INFINITY) return;
    const last = this.#heap.pop()!;
    if (last !== sleeper) {
      this.#put(last, sleeper.place);
      this.#settle(last);
    }
    sleeper.wakesAt = Number.POSITIVE_INFINITY;
  }

  /** Takes out the first one, if its time has come. */
  due(now: number): T | undefined {
    const first = this.#heap[0];
    if (!first || first.wakesAt > now) return undefined;
    this.remove(first);
    return first;
  }

  #settle(sleeper: T): void {
    while (sleeper.place > 0) {
      const parent = this.#heap[(sleeper.place - 1) >> 1]!;
      if (parent.wakesAt <= sleeper.wakesAt) break;
      this.#swap(parent, sleeper);
    }
    for (;;) {
      const left = this.#heap[2 * sleeper.place + 1];
      const right = this.#heap[2 * sleeper.place + 2];
      const sooner = right && right.wakesAt < left!.wakesAt ? right : left;
      if (!sooner || sooner.wakesAt >= sleeper.wakesAt) return;
      this.#swap(sleeper, sooner);
    }
  }

  /** @param upper the parent of `lower`. */
  #swap(upper: T, lower: T): void {
    const { place } = upper;
    this.#put(upper, lower.place);
    this.#put(lower, place);
  }

  #put(sleeper: T, place: number): void {
    this.#heap[place] = sleeper;
    sleeper.place = place;
  }
}
