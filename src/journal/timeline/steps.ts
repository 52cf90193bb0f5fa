import type { Step } from './model.ts';

/** A step's text is cut there: names in it come from the network. */
const LONGEST_TEXT = 400;

/** The steps of an attempt: the first and the last ones, as many of each; what lies between is counted. */
export class Steps {
  readonly #first: Step[] = [];
  readonly #last: Step[] = [];
  readonly #half: number;
  leftOut = 0;

  /** @param limit how many are kept. */
  constructor(limit: number) {
    this.#half = Math.ceil(limit / 2);
  }

  /** @returns true where one more is kept now than before. */
  add(step: Step): boolean {
    const kept =
      step.text.length > LONGEST_TEXT ? { ...step, text: `${step.text.slice(0, LONGEST_TEXT)}…` } : step;
    const list = this.#first.length < this.#half ? this.#first : this.#last;
    list.push(kept);
    if (list === this.#first || list.length <= this.#half) return true;
    list.shift();
    this.leftOut += 1;
    return false;
  }

  get size(): number {
    return this.#first.length + this.#last.length;
  }

  /** In the order of their times: some arrive late. */
  all(): Step[] {
    return [...this.#first, ...this.#last].sort((a, b) => a.at - b.at);
  }
}
