import { Allowance } from '../platform/allowance.ts';
import { Bursts } from './burst.ts';

/** Lines of one kind: so many at once, and so many a second from then on. A rack's worth, and what anybody can read. */
export const LINE_LIMIT = { atOnce: 100, perSecond: 2 } as const;

/** Whatever anybody can cause any number of times fills no log: of each kind of line only so many are printed, and of the others their number. */
export class LineLimit {
  readonly #monotonic: () => number;
  readonly #left: Bursts<string>;
  readonly #allowed = new Allowance<string>(LINE_LIMIT.atOnce, LINE_LIMIT.perSecond);

  /**
   * @param leftOut is told of lines that were not printed: a second after the first one, then once a minute while there are any.
   * @param later calls back after so many milliseconds.
   */
  constructor(
    leftOut: (kind: string, lines: number) => void,
    monotonic: () => number,
    later?: (milliseconds: number, callback: () => void) => void,
  ) {
    this.#monotonic = monotonic;
    this.#left = new Bursts<string>((kind, { count }) => leftOut(kind, count), monotonic, later);
  }

  /** True where one more line of that kind is printed. */
  passes(kind: string): boolean {
    if (this.#allowed.take(kind, this.#monotonic())) return true;
    this.#left.note(kind, '');
    return false;
  }
}
