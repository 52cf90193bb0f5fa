/**
 * A set of whole numbers below `size`, of which the first from any point on is found in a few steps, however large it is and whatever is in it.
 *
 * The lowest level has a bit for each number; each further level a bit for each word of the one below it that is not zero. A million
 * numbers are four levels and 135 kB.
 */
export class NumberSet {
  readonly #levels: readonly Uint32Array[];

  /** All numbers below `size` are in it. */
  constructor(size: number) {
    const levels: Uint32Array[] = [];
    let bits = size;
    do {
      const words = new Uint32Array(Math.max(1, Math.ceil(bits / 32))).fill(-1);
      if (bits % 32 !== 0 || bits === 0) words[words.length - 1] = 2 ** (bits % 32) - 1;
      levels.push(words);
      bits = words.length;
    } while (bits > 1);
    this.#levels = levels;
  }

  has(number: number): boolean {
    return (this.#levels[0]![number >>> 5]! & (1 << (number & 31))) !== 0;
  }

  add(number: number): void {
    let at = number;
    for (const words of this.#levels) {
      words[at >>> 5]! |= 1 << (at & 31);
      at >>>= 5;
    }
  }

  delete(number: number): void {
    let at = number;
    for (const words of this.#levels) {
      words[at >>> 5]! &= ~(1 << (at & 31));
      if (words[at >>> 5] !== 0) return;
      at >>>= 5;
    }
  }

  /** The lowest member that is `start` or above. */
  from(start: number): number | undefined {
    let at = start;
    for (const [level, words] of this.#levels.entries()) {
      const word = at >>> 5;
      if (word >= words.length) return undefined;
      const rest = words[word]! & (-1 << (at & 31));
      if (rest !== 0) return this.#lowestBelow(level, word * 32 + lowestBit(rest));
      at = word + 1;
    }
    return undefined;
  }

  /** The lowest number that is counted by this bit of this level. */
  #lowestBelow(level: number, bit: number): number {
    let at = bit;
    for (let below = level - 1; below >= 0; below--) at = at * 32 + lowestBit(this.#levels[below]![at]!);
    return at;
  }
}

/** Place of the lowest bit that is set; `word` is not 0. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
