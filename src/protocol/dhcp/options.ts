import { DecodeError } from '../error.ts';
import { formatIpv4, type Ipv4 } from '../ipv4.ts';
import { OPTION } from './codes.ts';

/** Raw option values by code, in wire order. Instances of one code are joined (RFC 3396). A Map is one. */
export interface Options extends Iterable<[number, Uint8Array]> {
  has(code: number): boolean;
  get(code: number): Uint8Array | undefined;
  keys(): Iterable<number>;
  values(): Iterable<Uint8Array>;
}

const LONGEST_VALUE = 255;

/**
 * Adds the options found in one area (the options field, or an overloaded file or sname) to `into`.
 *
 *     code | length | value …      pad (0) and end (255) have no length
 *
 * An area without an end option is taken as it is: some firmware leaves it out.
 * @throws DecodeError for a length that reaches past the area.
 */
export function decodeOptions(area: Uint8Array, into: Map<number, Uint8Array>, offset = 0): void {
  let at = 0;
  while (at < area.length) {
    const code = area[at]!;
    if (code === OPTION.pad) {
      at += 1;
      continue;
    }
    if (code === OPTION.end) return;
    const length = area[at + 1];
    if (length === undefined || at + 2 + length > area.length) {
      throw new DecodeError(`option ${code} reaches past the end of the packet`, offset + at);
    }
    const value = area.subarray(at + 2, at + 2 + length);
    const earlier = into.get(code);
    into.set(code, earlier ? Buffer.concat([earlier, value]) : value);
    at += 2 + length;
  }
}

/** Bytes that the options take on the wire, end option not counted. */
export function encodedSize(options: Options): number {
  let size = 0;
  for (const value of options.values()) size += optionSize(value);
  return size;
}

/** Bytes of one option on the wire: values of more than 255 bytes are split (RFC 3396). */
export function optionSize(value: Uint8Array): number {
  return value.length + 2 * Math.max(1, Math.ceil(value.length / LONGEST_VALUE));
}

/**
 * Writes options into `target` from `at`: the message type first, which some firmware relies on, the relay agent's last
 * (RFC 3046 §2.1), an end option behind them. Returns the offset behind the end option.
 */
export function encodeOptions(options: Options, target: Uint8Array, at: number): number {
  const write = (code: number, value: Uint8Array) => {
    let from = 0;
    do {
      const part = value.subarray(from, from + LONGEST_VALUE);
      target[at] = code;
      target[at + 1] = part.length;
      target.set(part, at + 2);
      at += 2 + part.length;
      from += LONGEST_VALUE;
    } while (from < value.length);
  };
  const type = options.get(OPTION.messageType);
  if (type) write(OPTION.messageType, type);
  for (const [code, value] of options) {
    if (code !== OPTION.messageType && code !== OPTION.relayAgent) write(code, value);
  }
  const relay = options.get(OPTION.relayAgent);
  if (relay) write(OPTION.relayAgent, relay);
  target[at] = OPTION.end;
  return at + 1;
}

/** Typed getters: undefined where the option is absent or has not the length that its RFC gives it. */
export function byteOf(options: Options, code: number): number | undefined {
  const value = options.get(code);
  return value?.length === 1 ? value[0] : undefined;
}

export function wordOf(options: Options, code: number): number | undefined {
  const value = options.get(code);
  return value?.length === 2 ? (value[0]! << 8) | value[1]! : undefined;
}

export function longOf(options: Options, code: number): number | undefined {
  const value = options.get(code);
  if (value?.length !== 4) return undefined;
  return ((value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!) >>> 0;
}

export function addressOf(options: Options, code: number): Ipv4 | undefined {
  return longOf(options, code);
}

/** Text of an option, up to a NUL: some firmware terminates strings, which RFC 2132 §2 leaves open. */
export function textOf(options: Options, code: number): string | undefined {
  const value = options.get(code);
  if (!value) return undefined;
  const nul = value.indexOf(0);
  return Buffer.from(nul < 0 ? value : value.subarray(0, nul)).toString('latin1');
}

/** Value makers, the inverse of the getters. */
export function byte(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function long(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((v) => [v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]));
}

export function text(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

/** An address as text, as options 66 wants it. */
export function addressText(address: Ipv4): Uint8Array {
  return text(formatIpv4(address));
}
