import type { Served } from '../generated-files.ts';
import type { MachineFilesParts } from '../machine-files.ts';
import { CELL, type Texts } from './messages.ts';

/** A thread's own copy of the generated files. It serves none that the main thread would not serve any more. */
export class HeardTexts implements Pick<MachineFilesParts['generated'], 'latest' | 'current'> {
  readonly #cells: Int32Array;
  readonly #ask: () => void;
  #heard: Texts | undefined;
  #asked: PromiseWithResolvers<Served> | undefined;

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

  /** Requests that come together share one question. */
  current(): Promise<Served> {
    if (!this.#asked) {
      this.#asked = Promise.withResolvers();
      this.#ask();
    }
    return this.#asked.promise;
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
    this.#asked?.resolve(this.#heard.served);
    this.#asked = undefined;
  }
}
