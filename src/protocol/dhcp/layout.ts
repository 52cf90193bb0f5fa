import { OPTION } from './codes.ts';
import type { Options } from './options.ts';
import { OPTIONS_AT } from './packet.ts';

/** Where one option of a packet stands: its value, not its code and length. */
export interface Place {
  readonly code: number;
  readonly at: number;
  readonly length: number;
}

/**
 * Where the options of a packet stand, in wire order. Only of packets whose options are each where they seem to be: undefined where one comes
 * in parts (RFC 3396), where file or sname carry some (option 52), and where one reaches past the end.
 */
export function layoutOf(bytes: Uint8Array): readonly Place[] | undefined {
  const places = new Map<number, Place>();
  let at = OPTIONS_AT;
  while (at < bytes.length && bytes[at] !== OPTION.end) {
    const code = bytes[at]!;
    if (code === OPTION.pad) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? bytes.length;
    const isWhole = at + 2 + length <= bytes.length;
    if (!isWhole || places.has(code) || code === OPTION.overload) return undefined;
    places.set(code, { code, at: at + 2, length });
    at += 2 + length;
  }
  return [...places.values()];
}

/** A number that packets of one layout have in common, and others hardly. Never throws, whatever the bytes are. */
export function layoutKey(bytes: Uint8Array): number {
  const end = bytes.length;
  let key = end;
  let at = OPTIONS_AT;
  while (at < end) {
    const code = bytes[at]!;
    if (code === OPTION.end) break;
    if (code === OPTION.pad) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    key = (Math.imul(key, 31) + (code << 8) + length) | 0;
    at += 2 + length;
  }
  return key;
}

/** Options that stay in the packet's bytes until they are asked for. */
export class LaidOutOptions implements Options {
  readonly #bytes: Uint8Array;
  readonly #places: ReadonlyMap<number, Place>;

  /** @param places of the packet's layout, by code. */
  constructor(bytes: Uint8Array, places: ReadonlyMap<number, Place>) {
    this.#bytes = bytes;
    this.#places = places;
  }

  has(code: number): boolean {
    return this.#places.has(code);
  }

  get(code: number): Uint8Array | undefined {
    const place = this.#places.get(code);
    return place && this.#bytes.subarray(place.at, place.at + place.length);
  }

  keys(): Iterable<number> {
    return this.#places.keys();
  }

  *values(): Generator<Uint8Array> {
    for (const code of this.#places.keys()) yield this.get(code)!;
  }

  *[Symbol.iterator](): Generator<[number, Uint8Array]> {
    for (const code of this.#places.keys()) yield [code, this.get(code)!];
  }
}
