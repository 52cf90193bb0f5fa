import { Bursts } from '../../journal/burst.ts';
import type { Sink } from '../../journal/event.ts';
import type { Verdict } from '../../journal/timeline/verdict.ts';

/** Diagnoses of one code that are told one by one within so many milliseconds; a crowd of invented machines gets thousands a second. */
const ONE_BY_ONE = 30;
const PERIOD_MS = 60_000;

type Code = Extract<Verdict, { kind: 'boot.diagnosed' }>['code'];

/** Tells what became clear of boots. Of many that end for the same reason it tells some, and then, once a burst, how many more they were. */
export class DiagnosisGate {
  readonly #sink: Sink;
  readonly #monotonic: () => number;
  readonly #bursts: Bursts<Code>;
  readonly #periods = new Map<Code, { readonly since: number; told: number }>();

  /** @param later as of Bursts. */
  constructor(
    sink: Sink,
    monotonic: () => number,
    later?: (milliseconds: number, callback: () => void) => void,
  ) {
    this.#sink = sink;
    this.#monotonic = monotonic;
    this.#bursts = new Bursts(
      (code, { address, ...burst }) =>
        sink({ kind: 'boot.diagnosed-alike', code, machine: address, ...burst }),
      monotonic,
      later,
    );
  }

  tell(verdict: Verdict): void {
    if (verdict.kind === 'boot.diagnosed' && !this.#mayTell(verdict.code))
      this.#bursts.note(verdict.code, verdict.mac);
    else this.#sink(verdict);
  }

  #mayTell(code: Code): boolean {
    const now = this.#monotonic();
    const period = this.#periods.get(code);
    if (!period || now - period.since >= PERIOD_MS) {
      this.#periods.set(code, { since: now, told: 1 });
      return true;
    }
    period.told += 1;
    return period.told <= ONE_BY_ONE;
  }
}
