export interface Told {
  readonly event: string;
  readonly data: unknown;
}

/** Reads server-sent events as they come, as a browser does. */
export class EventStream implements AsyncDisposable {
  readonly told: Told[] = [];
  /** Lines that begin with a colon. */
  readonly comments: string[] = [];
  readonly response: Response;
  readonly #reading: Promise<void>;
  readonly #stop = new AbortController();
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(response: Response, stop: AbortController) {
    this.response = response;
    this.#stop = stop;
    this.#reading = this.#read(response.body!).catch(() => undefined);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const stop = new AbortController();
    return new EventStream(await fetch(url, { signal: stop.signal, headers }), stop);
  }

  /** The first event after `from` events that fits. @throws Error where none comes in ten seconds, or the stream ends before. */
  async until(fits: (told: Told) => boolean, from = 0): Promise<Told> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const found = this.told.slice(from).find(fits);
      if (found) return found;
      if (this.#ended) throw new Error(`the stream has ended after ${JSON.stringify(this.told)}`);
      if (performance.now() > deadline)
        throw new Error(`not told: ${JSON.stringify(this.told).slice(0, 2000)}`);
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
  }

  /** Resolves when the server has ended the stream. */
  ended(): Promise<void> {
    return this.#reading;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#take(block);
        this.#wake();
      }
    } finally {
      this.#ended = true;
      this.#wake();
    }
  }

  #take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    if (block.startsWith(':')) this.comments.push(block);
    const [event, data] = [fields.get('event'), fields.get('data')];
    if (event !== undefined && data !== undefined) this.told.push({ event, data: JSON.parse(data) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }
}
