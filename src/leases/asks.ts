/** Seconds in which a second try of a machine follows its first: firmware waits 1 to 32. */
const WITHIN = 64;
/** Slots of four bytes: at 50,000 strangers a second, nine of ten that asked in the last 8 s are still there. */
const SLOTS = 1 << 20;
const STAMP_AT = 24;
const PRINT = 2 ** STAMP_AT - 1;

/**
 * Who has asked a short while ago. Made for floods of machines that do not exist: it takes {@link bytes} however many ask, and what it forgets for
 * want of room is forgotten oldest first.
 *
 * A table of fingerprints in pairs, each with the second in which it was noted: 8 bits | 24 bits. Whoever asked just 256 s ago therefore counts too.
 */
export class Asks {
  readonly #seed: number;
  readonly #slots: number;
  /** Made when first needed: most networks never do. */
  #table: Uint32Array | undefined;

  /**
   * @param seed 32 random bits: nobody shall be able to tell which machines share a slot.
   * @param slots a power of two.
   */
  constructor(seed: number, slots = SLOTS) {
    this.#seed = seed;
    this.#slots = slots;
  }

  /** What it takes at the most. */
  get bytes(): number {
    return this.#slots * Uint32Array.BYTES_PER_ELEMENT;
  }

  /** True where it asked in an earlier second, and lately: a packet that a network doubles is no second try. */
  has(key: string, now: number): boolean {
    const table = this.#table;
    if (!table) return false;
    const at = this.#pairOf(key);
    const print = printOf(key, this.#seed);
    return isLately(table[at]!, print, now) || isLately(table[at + 1]!, print, now);
  }

  add(key: string, now: number): void {
    this.#table ??= new Uint32Array(this.#slots);
    const table = this.#table;
    const pair = this.#pairOf(key);
    const print = printOf(key, this.#seed);
    const at = this.#placeIn(table, pair, print, now);
    const isDouble = (table[at]! & PRINT) === print && ageOf(table[at]!, now) === 0;
    if (!isDouble) table[at] = (stampOf(now) << STAMP_AT) | print;
  }

  #placeIn(table: Uint32Array, pair: number, print: number, now: number): number {
    for (const at of [pair, pair + 1]) {
      if ((table[at]! & PRINT) === print || table[at] === 0) return at;
    }
    return ageOf(table[pair]!, now) >= ageOf(table[pair + 1]!, now) ? pair : pair + 1;
  }

  #pairOf(key: string): number {
    return hash(key, ~this.#seed) & (this.#slots - 2);
  }
}

function isLately(entry: number, print: number, now: number): boolean {
  if ((entry & PRINT) !== print) return false;
  const age = ageOf(entry, now);
  return age >= 1 && age <= WITHIN;
}

function stampOf(now: number): number {
  return Math.floor(now) & 255;
}

function ageOf(entry: number, now: number): number {
  return (stampOf(now) - (entry >>> STAMP_AT)) & 255;
}

/** Never 0, which stands for an empty slot. */
function printOf(key: string, seed: number): number {
  return hash(key, seed) & PRINT || 1;
}

/** FNV-1a, its bits mixed as MurmurHash3 does at its end. */
function hash(key: string, seed: number): number {
  let bits = seed ^ 0x811c9dc5;
  for (let at = 0; at < key.length; at++) bits = Math.imul(bits ^ key.charCodeAt(at), 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
