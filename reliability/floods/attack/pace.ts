import { setTimeout as sleep } from 'node:timers/promises';

const TURN_MS = 1;
/** What is missed for longer is not made up for. */
const LATE_S = 0.05;

/** Calls `act` with how many are due, so that there are `rate` a second. */
export class Pace {
  #stopped = false;
  readonly #over: Promise<void>;

  constructor(rate: number, act: (due: number) => void) {
    this.#over = this.#run(rate, act);
  }

  async #run(rate: number, act: (due: number) => void): Promise<void> {
    let owed = 0;
    for (let last = performance.now(); !this.#stopped; ) {
      await sleep(TURN_MS);
      const now = performance.now();
      owed = Math.min(owed + ((now - last) / 1000) * rate, rate * LATE_S + 1);
      last = now;
      act(Math.floor(owed));
      owed -= Math.floor(owed);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#over;
  }
}
