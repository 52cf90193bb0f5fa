import { type Change, type Observed, unobserved } from '../../../src/http/observer/observed.ts';

/** Journals that hold what a test puts there; what is asked of them is kept. */
export class FakeObserved {
  readonly #listeners = new Set<(change: Change) => void>();
  framesWanted = false;
  readonly observed: Observed;

  constructor(answers: Partial<Observed> = {}) {
    this.observed = {
      ...unobserved,
      problems: async () => [],
      ...answers,
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      wantFrames: (wanted) => {
        this.framesWanted = wanted;
      },
    };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(change: Partial<Change>): void {
    for (const listener of this.#listeners)
      listener({ anew: false, frames: [], measurements: [], ...change });
  }
}
