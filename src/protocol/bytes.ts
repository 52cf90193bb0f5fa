import { DecodeError } from './error.ts';

/** Reads network-order fields from a packet; running past its end is a DecodeError, never undefined. */
export class Reader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  #take(count: number, what: string): number {
    if (this.left < count)
      throw new DecodeError(`${what}: ${count} bytes wanted, ${this.left} left`, this.offset);
    const at = this.offset;
    this.offset += count;
    return at;
  }

  u8(what: string): number {
    return this.bytes[this.#take(1, what)]!;
  }

  u16(what: string): number {
    const at = this.#take(2, what);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(what: string): number {
    const at = this.#take(4, what);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  /** The next bytes as a view, not a copy. */
  take(count: number, what: string): Uint8Array {
    const at = this.#take(count, what);
    return this.bytes.subarray(at, at + count);
  }

  /** Bytes up to a NUL, which is consumed, as Latin-1: every byte sequence has exactly one string. */
  cstring(what: string): string {
    const nul = this.bytes.indexOf(0, this.offset);
    if (nul < 0 || nul >= this.end) throw new DecodeError(`${what}: no terminating NUL`, this.offset);
    const text = latin1(this.bytes.subarray(this.offset, nul));
    this.offset = nul + 1;
    return text;
  }
}

/** Bytes → string, one character a byte; the inverse of {@link fromLatin1}. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** String → bytes, one byte a character; characters above U+00FF lose their high bits. */
export function fromLatin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** A hardware address as people write it: 52:54:00:12:34:56. */
export function formatMac(bytes: Uint8Array): string {
  let text = bytes.length > 0 ? OCTETS[bytes[0]!]! : '';
  for (let at = 1; at < bytes.length; at++) text += `:${OCTETS[bytes[at]!]}`;
  return text;
}

/** Every octet in hex: "00" to "ff". */
const OCTETS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
