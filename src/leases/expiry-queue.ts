/** What the queue orders: the one with the lowest `until` comes first. */
export interface Expiring {
  until: number;
  /** Place in the heap; kept by the queue, -1 outside of it. */
  slot: number;
}

/** A binary heap whose members know their place, so that a renewed lease moves in O(log n) and nothing is ever scanned. */
export class ExpiryQueue<T extends Expiring> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  /** The members in the order in which they would be taken out one by one; nothing is taken. Only whoever goes past the first pays for it. */
  *inOrder(): Generator<T> {
    const first = this.peek();
    if (first) yield first;
    const copy = new ExpiryQueue<Expiring & { readonly of: T }>();
    for (const item of this.#heap) copy.#heap.push({ until: item.until, slot: item.slot, of: item });
    for (let taken = copy.peek(); taken; ) {
      copy.remove(taken);
      taken = copy.peek();
      if (taken) yield taken.of;
    }
  }

  /** Adds a member, or moves one whose `until` has changed. */
  put(item: T): void {
    if (item.slot < 0) {
      item.slot = this.#heap.length;
      this.#heap.push(item);
    }
    this.#sink(this.#rise(item.slot));
  }

  remove(item: T): void {
    const slot = item.slot;
    if (slot < 0 || this.#heap[slot] !== item) return;
    item.slot = -1;
    const last = this.#heap.pop()!;
    if (last === item) return;
    this.#place(last, slot);
    this.#sink(this.#rise(slot));
  }

  #place(item: T, slot: number): void {
    this.#heap[slot] = item;
    item.slot = slot;
  }

  #rise(slot: number): number {
    const item = this.#heap[slot]!;
    let at = slot;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above]!;
      if (parent.until <= item.until) break;
      this.#place(parent, at);
      at = above;
    }
    this.#place(item, at);
    return at;
  }

  #sink(slot: number): void {
    const item = this.#heap[slot]!;
    let at = slot;
    for (;;) {
      let below = 2 * at + 1;
      const left = this.#heap[below];
      if (!left) break;
      const right = this.#heap[below + 1];
      if (right && right.until < left.until) below += 1;
      const child = this.#heap[below]!;
      if (child.until >= item.until) break;
      this.#place(child, at);
      at = below;
    }
    this.#place(item, at);
  }
}
