import { fromLatin1, latin1, Reader } from '../bytes.ts';
import { DecodeError } from '../error.ts';
import { OPCODE, type Options, type Packet } from './packet.ts';

const decoders = new Map<number, (reader: Reader) => Packet>([
  [OPCODE.rrq, (reader) => decodeRequest('rrq', reader)],
  [OPCODE.wrq, (reader) => decodeRequest('wrq', reader)],
  [OPCODE.data, decodeData],
  [OPCODE.ack, decodeAck],
  [OPCODE.error, decodeError],
  [OPCODE.oack, (reader) => ({ type: 'oack', options: decodeOptions(reader) })],
]);

/**
 * UDP payload → packet.
 *
 * @throws DecodeError for an unknown opcode, a field that is cut off, an option without its value.
 */
export function decode(bytes: Uint8Array): Packet {
  const reader = new Reader(bytes);
  const opcode = reader.u16('opcode');
  const decoder = decoders.get(opcode);
  if (!decoder) throw new DecodeError(`unknown opcode ${opcode}`);
  return decoder(reader);
}

/** Packet → UDP payload. Strings must not hold a NUL, nor option names upper case, to come back the same. */
export function encode(packet: Packet): Uint8Array {
  switch (packet.type) {
    case 'rrq':
    case 'wrq':
      return strings(OPCODE[packet.type], [packet.file, packet.mode, ...[...packet.options].flat()]);
    case 'data':
      return encodeData(packet.block, packet.data);
    case 'ack':
      return header(OPCODE.ack, packet.block, 0);
    case 'error':
      return encodeError(packet.code, packet.message);
    case 'oack':
      return strings(OPCODE.oack, [...packet.options].flat());
  }
}

/**
 * RRQ and WRQ
 *
 *      2 bytes   string  1   string  1   string  1  string  1
 *     +--------+--------+---+-------+---+-------+---+------+---+ - -
 *     |  1, 2  |  file  | 0 | mode  | 0 | option| 0 | value| 0 |
 *     +--------+--------+---+-------+---+-------+---+------+---+ - -
 */
function decodeRequest(type: 'rrq' | 'wrq', reader: Reader): Packet {
  const file = reader.cstring('file name');
  const mode = reader.cstring('mode');
  return { type, file, mode, options: decodeOptions(reader) };
}

/**
 * Options, to the end of the packet. An empty name is padding: some ROMs fill requests up with NULs.
 * Of an option that is sent twice the first one counts (RFC 2347 allows each only once).
 */
function decodeOptions(reader: Reader): Options {
  const options = new Map<string, string>();
  while (reader.left > 0) {
    const name = reader.cstring('option name').toLowerCase();
    if (name === '') break;
    const value = reader.cstring(`value of option ${name}`);
    if (!options.has(name)) options.set(name, value);
  }
  return options;
}

/**
 * DATA
 *
 *      2 bytes  2 bytes   0–blksize bytes
 *     +--------+--------+- - - - - - - -+
 *     |   3    | block  |     data      |
 *     +--------+--------+- - - - - - - -+
 */
function decodeData(reader: Reader): Packet {
  return { type: 'data', block: reader.u16('block'), data: reader.take(reader.left, 'data') };
}

/** Bytes of a DATA packet before its data. */
export const DATA_HEADER = 4;

/** Writes what stands before the data, with the low 16 bits of a block number of any size. */
export function writeDataHeader(into: Uint8Array, at: number, block: number): void {
  const low = block % 65536;
  into[at] = 0;
  into[at + 1] = OPCODE.data;
  into[at + 2] = low >>> 8;
  into[at + 3] = low;
}

/** The block number of an ACK; -1 for any other packet. Nothing is made of it, as ACKs are most of what a server receives. */
export function blockOfAck(bytes: Uint8Array): number {
  const isAck = bytes.length >= 4 && bytes[0] === 0 && bytes[1] === OPCODE.ack;
  return isAck ? (bytes[2]! << 8) | bytes[3]! : -1;
}

/** DATA with the low 16 bits of a block number of any size. */
export function encodeData(block: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DATA_HEADER + data.length);
  writeDataHeader(bytes, 0, block);
  bytes.set(data, DATA_HEADER);
  return bytes;
}

/**
 * ACK
 *
 *      2 bytes  2 bytes
 *     +--------+--------+
 *     |   4    | block  |
 *     +--------+--------+
 */
function decodeAck(reader: Reader): Packet {
  return { type: 'ack', block: reader.u16('block') };
}

/**
 * ERROR; clients exist that leave out the last NUL, or the message with it.
 *
 *      2 bytes  2 bytes   string   1
 *     +--------+--------+---------+---+
 *     |   5    |  code  | message | 0 |
 *     +--------+--------+---------+---+
 */
function decodeError(reader: Reader): Packet {
  const code = reader.u16('error code');
  const rest = reader.take(reader.left, 'message');
  const nul = rest.indexOf(0);
  return { type: 'error', code, message: latin1(nul < 0 ? rest : rest.subarray(0, nul)) };
}

export function encodeError(code: number, message: string): Uint8Array {
  const text = fromLatin1(message);
  const bytes = header(OPCODE.error, code, text.length + 1);
  bytes.set(text, 4);
  return bytes;
}

/**
 * OACK
 *
 *      2 bytes   string   1   string  1
 *     +--------+---------+---+-------+---+ - -
 *     |   6    | option  | 0 | value | 0 |
 *     +--------+---------+---+-------+---+ - -
 */
export function encodeOptionAck(options: Options): Uint8Array {
  return encode({ type: 'oack', options });
}

function header(opcode: number, field: number, body: number): Uint8Array {
  const bytes = new Uint8Array(4 + body);
  bytes[1] = opcode;
  bytes[2] = field >>> 8;
  bytes[3] = field;
  return bytes;
}

function strings(opcode: number, texts: readonly string[]): Uint8Array {
  return fromLatin1(`\0${String.fromCharCode(opcode)}${texts.map((text) => `${text}\0`).join('')}`);
}
