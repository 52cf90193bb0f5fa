import type { Random } from './random.ts';

/** Values at which codecs change their minds. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 16, 32, 63, 64, 127, 128, 254, 255];
const LONGEST = 2048;

type Change = (bytes: Buffer, random: Random, other: Uint8Array) => Buffer;

const at = (bytes: Buffer, random: Random) => random.int(bytes.length + 1);
const put = (bytes: Buffer, place: number, drop: number, piece: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place + drop)]);

const CHANGES: readonly Change[] = [
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.int(bytes.length)]! ^= 1 << random.int(8);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.int(bytes.length)] = random.pick(EDGES);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.int(bytes.length)] = random.int(256);
    return bytes;
  },
  (bytes, random) => put(bytes, at(bytes, random), 0, random.bytes(1 + random.int(4))),
  (bytes, random) => put(bytes, at(bytes, random), 1 + random.int(8), Buffer.alloc(0)),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => Buffer.concat([bytes, random.bytes(random.int(40))]),
  (bytes, random) => {
    const from = at(bytes, random);
    return put(bytes, at(bytes, random), 0, Buffer.from(bytes.subarray(from, from + 1 + random.int(64))));
  },
  (bytes, random, other) => {
    const from = random.int(other.length + 1);
    return put(bytes, at(bytes, random), random.int(16), other.subarray(from, from + 1 + random.int(64)));
  },
  (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, at(bytes, random)), other.subarray(random.int(other.length + 1))]),
  (bytes, random) => bytes.fill(random.pick(EDGES), at(bytes, random), at(bytes, random)),
];

/** A changed copy: a few bytes in most cases, sometimes a whole part of `other`. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array = bytes): Buffer {
  let changed = Buffer.from(bytes);
  for (let left = 1 + random.int(4); left > 0; left--)
    changed = Buffer.from(random.pick(CHANGES)(changed, random, other).subarray(0, LONGEST));
  return changed;
}
