import type { Event, Sink } from '../../journal/event.ts';

type Start = Extract<Event, { kind: 'http.asset.start' }>;

/** The transfers of one thread that have begun and not ended, so that none is left without an end when the thread is gone. */
export class Unfinished {
  readonly #sink: Sink;
  readonly #monotonic: () => number;
  readonly #open = new Map<number, { readonly start: Start; readonly begun: number; bytes: number }>();

  /** @param monotonic Milliseconds since an arbitrary start. */
  constructor(sink: Sink, monotonic: () => number) {
    this.#sink = sink;
    this.#monotonic = monotonic;
  }

  get size(): number {
    return this.#open.size;
  }

  /** To be called with each event that the thread tells. */
  hear(event: Event): void {
    if (event.kind === 'http.asset.start') {
      this.#open.set(event.transfer, { start: event, begun: this.#monotonic(), bytes: 0 });
    } else if (event.kind === 'http.asset.progress') {
      const known = this.#open.get(event.transfer);
      if (known) known.bytes = event.bytes;
    } else if (event.kind === 'http.asset.done' || event.kind === 'http.asset.aborted') {
      this.#open.delete(event.transfer);
    }
  }

  /** The thread is gone: tells of each that it was aborted, with the bytes that it told of last. */
  abort(reason: string): void {
    const now = this.#monotonic();
    for (const { start, begun, bytes } of this.#open.values()) {
      const { kind: _, size, ...about } = start;
      const wanted = about.range ? about.range.last - about.range.first + 1 : size;
      const milliseconds = Math.round(now - begun);
      this.#sink({ ...about, kind: 'http.asset.aborted', bytes, wanted, milliseconds, reason });
    }
    this.#open.clear();
  }
}
