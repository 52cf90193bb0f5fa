import { fromLatin1 } from '../../src/protocol/bytes.ts';
import { encode } from '../../src/protocol/tftp/codec.ts';
import { OPCODE, type Packet } from '../../src/protocol/tftp/packet.ts';
import { captured } from '../protocol/tftp/captured.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** In front of every input: which peer sends it, from which port, and how many milliseconds have passed. */
const ENVELOPE = 4;
export const PEERS = 5;
export const PORTS = 12;
/** The first peer's address, and the first of its ports. */
export const FIRST_PEER = 0x0a00000a;
export const FIRST_PORT = 2000;

export function openDatagram(input: Uint8Array) {
  const [peer = 0, port = 0, high = 0, low = 0] = input.subarray(0, ENVELOPE);
  return {
    peer: { address: FIRST_PEER + (peer % PEERS), port: FIRST_PORT + (port % PORTS) },
    milliseconds: (high << 8) | low,
    bytes: input.subarray(ENVELOPE),
  };
}

export const TFTP_SEEDS: readonly Uint8Array[] = captured.map(({ payload }) =>
  Buffer.concat([Buffer.alloc(ENVELOPE), fromLatin1(payload)]),
);

const NAMES = [
  'empty',
  'one',
  'block',
  'vmlinuz.efi',
  'initrd.img',
  '/initrd.img',
  'kept',
  'folder',
  '../one',
  'a\\b',
  'ö',
  '',
];
const MODES = ['octet', 'OCTET', 'netascii', 'mail', 'x'];
const OPTIONS = ['blksize', 'tsize', 'windowsize', 'timeout', 'multicast', 'BLKSIZE'];
const NUMBERS = [
  '0',
  '1',
  '4',
  '7',
  '8',
  '16',
  '64',
  '255',
  '512',
  '1468',
  '65464',
  '65535',
  '99999999999',
  '-1',
  'x',
  '',
];

/** A request of somebody, an answer to what the server `sent`, or bytes that hardly are one. */
export function makeDatagram(
  random: Random,
  corpus: readonly Uint8Array[],
  sent: readonly { readonly address: number; readonly port: number; readonly bytes: Uint8Array }[],
): Uint8Array {
  const wait = random.once(200) ? random.int(30_000) : random.once(6) ? random.int(2000) : random.int(4);
  // Most of what comes is about blocks that were sent; an OACK is one of them.
  const live = sent.slice(-8).filter(({ bytes }) => bytes[1] === OPCODE.data || bytes[1] === OPCODE.oack);
  const to = live.length > 0 && !random.once(4) ? random.pick(live) : undefined;
  const from = to ? [to.address - FIRST_PEER, to.port - FIRST_PORT] : [random.int(PEERS), random.int(PORTS)];
  const head = Uint8Array.of(...from, wait >> 8, wait & 255);
  const plain = to
    ? encode(reply(to.bytes, random))
    : random.once(3)
      ? random.pick(corpus).subarray(ENVELOPE)
      : encode(request(random));
  const bytes = random.once(4) ? mutate(plain, random, random.pick(corpus)) : plain;
  return Buffer.concat([head, bytes]);
}

function request(random: Random): Packet {
  const options = new Map<string, string>();
  for (let left = random.int(5); left > 0; left--) options.set(random.pick(OPTIONS), random.pick(NUMBERS));
  const type = random.once(10) ? 'wrq' : 'rrq';
  return { type, file: random.pick(NAMES), mode: random.once(5) ? random.pick(MODES) : 'octet', options };
}

function reply(bytes: Uint8Array, random: Random): Packet {
  const block = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (random.once(30)) return { type: 'error', code: random.int(10), message: 'no' };
  if (random.once(40)) return { type: 'data', block, data: random.bytes(random.int(20)) };
  if (bytes[1] === OPCODE.oack) return { type: 'ack', block: random.once(10) ? random.int(65536) : 0 };
  return {
    type: 'ack',
    block: (block + (random.once(4) ? random.int(70) - 3 : random.int(5)) + 65536) % 65536,
  };
}
