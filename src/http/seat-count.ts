/** Addresses share a place here and there, and with it their number of connections: by chance, that nobody outside can foresee. */
const PLACES = 16_384;
const ALL = 0;
const SEED = 1;
const HEAD = 2;

/** How many connections are open, in all and per address, of all threads together: numbers in memory that they share. */
export class SeatCount {
  readonly #cells: Int32Array;

  constructor(cells: Int32Array) {
    this.#cells = cells;
  }

  get all(): number {
    return Atomics.load(this.#cells, ALL);
  }

  of(address: string): number {
    return Atomics.load(this.#cells, this.#placeOf(address));
  }

  /** @param by 1 or -1 */
  add(address: string, by: number): void {
    Atomics.add(this.#cells, ALL, by);
    Atomics.add(this.#cells, this.#placeOf(address), by);
  }

  #placeOf(address: string): number {
    let hash = this.#cells[SEED]!;
    for (let at = 0; at < address.length; at++) hash = Math.imul(hash ^ address.charCodeAt(at), 16_777_619);
    hash ^= hash >>> 15;
    return HEAD + ((hash >>> 0) % PLACES);
  }
}

/** @param seed any 32 bits that nobody outside knows. */
export function newSeatCells(seed: number): Int32Array {
  const cells = new Int32Array(new SharedArrayBuffer((HEAD + PLACES) * Int32Array.BYTES_PER_ELEMENT));
  cells[SEED] = seed;
  return cells;
}
