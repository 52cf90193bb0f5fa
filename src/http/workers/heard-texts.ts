import type { Served } from '../generated-files.ts';
import type { MachineFilesParts } from '../machine-files.ts';
import { CELL, type Texts } from './messages.ts';

/** A thread's own copy of the generated files. It serves none that the main thread would not serve any more. */
export class HeardTexts implements Pick<MachineFilesParts['generated'], 'latest' | 'current'> {
  readonly #cells: Int32Array;
  readonly #ask: () => void;
  #heard: Texts | undefined;
  #asked: PromiseWithResolvers<Texts> | undefined;

  /** @param ask Sends for the texts as of now. */
  constructor(cells: Int32Array, ask: () => void) {
    this.#cells = cells;
    this.#ask = ask;
  }

  get latest(): Served | undefined {
    const heard = this.#heard;
    return heard && Atomics.load(this.#cells, CELL.generation) === heard.generation
      ? heard.served
      : undefined;
  }

  /** Requests that come together share one question; an answer that is not the newest any more is asked for again. */
  async current(): Promise<Served> {
    for (;;) {
      const { generation, served } = await this.#answer();
      if (generation >= Math.abs(Atomics.load(this.#cells, CELL.generation))) return served;
    }
  }

  get problems(): readonly string[] {
    return this.#heard?.problems ?? [];
  }

  get names(): readonly string[] {
    return this.#heard?.names ?? [];
  }

  hear(texts: Texts, answers: boolean): void {
    // The same objects for the same texts: answers that are ready are known by them.
    if (texts.generation !== this.#heard?.generation) this.#heard = texts;
    if (!answers) return;
    this.#asked?.resolve(this.#heard);
    this.#asked = undefined;
  }

  #answer(): Promise<Texts> {
    if (!this.#asked) {
      this.#asked = Promise.withResolvers();
      this.#ask();
    }
    return this.#asked.promise;
  }
}
