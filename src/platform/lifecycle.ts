/** What is under way when a stop is asked for may go on for so long. Docker waits five seconds (compose.yaml) before it kills. */
export const GRACE_MS = 3500;

/** How a process of a service comes to its end. Timers are passed in: `after` calls back, and keeps the process alive until then. */
export class Lifecycle {
  readonly #stop = new AbortController();
  readonly #end = new AbortController();
  readonly #after: (milliseconds: number, callback: () => void) => void;
  #fault = false;

  constructor(after: (milliseconds: number, callback: () => void) => void = later) {
    this.#after = after;
  }

  /** Nothing new is to be begun; the reason says what has asked for it. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** What is still under way is to be ended, too. */
  get end(): AbortSignal {
    return this.#end.signal;
  }

  /** It ends because something is wrong with the program. */
  get isFault(): boolean {
    return this.#fault;
  }

  /** The first asks for a stop, a second one for an end at once. */
  signal(name: string): void {
    if (this.#stop.signal.aborted) {
      this.#end.abort(name);
      return;
    }
    this.#stop.abort(name);
    this.#after(GRACE_MS, () => this.#end.abort('the time for it was over'));
  }

  /** Something that nobody had thought of happened: nobody knows in what state the process is. */
  fault(): void {
    this.#fault = true;
    this.#stop.abort('a fault');
    this.#end.abort('a fault');
  }
}

function later(milliseconds: number, callback: () => void): void {
  setTimeout(callback, milliseconds);
}
