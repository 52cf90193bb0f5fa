import type { Audience, GeneratedFiles, Served } from '../generated-files.ts';
import { CELL, type Texts } from './messages.ts';

/** The main thread's side of the generated files: tells the other threads what to serve, and at once when that may be over. */
export class TextBoard implements Audience {
  readonly #generated: Pick<GeneratedFiles, 'latest' | 'current' | 'problems' | 'names'>;
  readonly #cells: Int32Array;
  readonly #tell: (texts: Texts) => void;
  #texts: Texts | undefined;
  #said = '';

  /** @param tell Sends texts that differ from those before to all threads. */
  constructor(
    generated: Pick<GeneratedFiles, 'latest' | 'current' | 'problems' | 'names'>,
    cells: Int32Array,
    tell: (texts: Texts) => void,
  ) {
    this.#generated = generated;
    this.#cells = cells;
    this.#tell = tell;
  }

  changed(): void {
    this.#show(false);
  }

  looked(served: Served): void {
    this.#note(served);
    this.#show(this.#generated.latest !== undefined);
  }

  /** The texts as of now. Never rejects. */
  async current(): Promise<Texts> {
    return this.#note(await this.#generated.current());
  }

  #show(current: boolean): void {
    const generation = this.#texts?.generation ?? 0;
    Atomics.store(this.#cells, CELL.generation, current ? generation : -generation);
  }

  #note(served: Served): Texts {
    const { problems, names } = this.#generated;
    const said = JSON.stringify([served, problems, names]);
    if (this.#texts && said === this.#said) return this.#texts;
    this.#said = said;
    this.#texts = { generation: (this.#texts?.generation ?? 0) + 1, served, problems, names };
    this.#tell(this.#texts);
    return this.#texts;
  }
}
