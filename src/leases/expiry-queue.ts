/** What queues know of their members, which are whole numbers below `capacity`; queues that share it never have the same member. */
export class Deadlines {
  /** By member. Numbers, not objects: a million of them cost 12 MB, and nothing to the garbage collector. */
  readonly until: Float64Array;
  /** Place in the heap, counted from 1; meaningless outside of it. */
  readonly slot: Int32Array;

  constructor(capacity: number) {
    this.until = new Float64Array(capacity);
    this.slot = new Int32Array(capacity);
  }
}

/**
 * Members in the order of their `until`, of equals the lowest first. A binary heap whose members know their place, so that a renewed lease
 * moves in O(log n) and nothing is ever scanned.
 */
export class ExpiryQueue {
  readonly #until: Float64Array;
  readonly #slot: Int32Array;
  /** Its first is at 1. */
  readonly #heap: number[] = [-1];

  constructor({ until, slot }: Deadlines) {
    this.#until = until;
    this.#slot = slot;
  }

  get size(): number {
    return this.#heap.length - 1;
  }

  has(member: number): boolean {
    return this.#heap[this.#slot[member]!] === member;
  }

  peek(): number | undefined {
    return this.#heap[1];
  }

  /** As it was put; meaningless for one that is not a member. */
  untilOf(member: number): number {
    return this.#until[member]!;
  }

  /** The members in the order in which they would be taken out one by one; nothing is taken, and only those that are looked at cost anything. */
  *inOrder(): Generator<number> {
    const slots = this.size > 0 ? [1] : [];
    const at = (index: number) => this.#heap[slots[index]!]!;
    while (slots.length > 0) {
      // Few are ever looked at: those that may be next need no heap of their own.
      let next = 0;
      for (let other = 1; other < slots.length; other++)
        if (this.#isBefore(at(other), at(next))) next = other;
      const [slot] = slots.splice(next, 1);
      yield this.#heap[slot!]!;
      slots.push(...[2 * slot!, 2 * slot! + 1].filter((child) => child < this.#heap.length));
    }
  }

  /** Adds a member, or moves one. */
  put(member: number, until: number): void {
    this.#until[member] = until;
    if (!this.has(member)) this.#place(member, this.#heap.length);
    this.#sink(this.#rise(this.#slot[member]!));
  }

  remove(member: number): void {
    if (!this.has(member)) return;
    const slot = this.#slot[member]!;
    const last = this.#heap.pop()!;
    if (last === member) return;
    this.#place(last, slot);
    this.#sink(this.#rise(slot));
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#until[one]! - this.#until[other]!;
    return difference < 0 || (difference === 0 && one < other);
  }

  #place(member: number, slot: number): void {
    this.#heap[slot] = member;
    this.#slot[member] = slot;
  }

  #rise(slot: number): number {
    const member = this.#heap[slot]!;
    let at = slot;
    while (at > 1) {
      const above = at >> 1;
      const parent = this.#heap[above]!;
      if (this.#isBefore(parent, member)) break;
      this.#place(parent, at);
      at = above;
    }
    this.#place(member, at);
    return at;
  }

  #sink(slot: number): void {
    const member = this.#heap[slot]!;
    const end = this.#heap.length;
    let at = slot;
    for (;;) {
      let below = 2 * at;
      if (below >= end) break;
      if (below + 1 < end && this.#isBefore(this.#heap[below + 1]!, this.#heap[below]!)) below += 1;
      const child = this.#heap[below]!;
      if (this.#isBefore(member, child)) break;
      this.#place(child, at);
      at = below;
    }
    this.#place(member, at);
  }
}
