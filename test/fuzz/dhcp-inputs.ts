import { HTYPE_ETHERNET, MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf, byte, long } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { isHost, UNSPECIFIED } from '../../src/protocol/ipv4.ts';
import { ip } from '../dhcp/rig.ts';
import { captured } from '../fixtures/dhcp.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** In front of every DHCP input: the sender's address and port, and how many seconds have passed. */
export const ENVELOPE = 7;

export interface Envelope {
  readonly address: number;
  readonly port: number;
  readonly seconds: number;
  readonly bytes: Uint8Array;
}

export function open(input: Uint8Array): Envelope {
  const head = Buffer.alloc(ENVELOPE);
  head.set(input.subarray(0, ENVELOPE));
  const sender = head.readUInt32BE(0);
  return {
    // The kernel delivers nothing from anybody else.
    address: isHost(sender) ? sender : UNSPECIFIED,
    port: head.readUInt16BE(4),
    seconds: head[6]!,
    bytes: input.subarray(ENVELOPE),
  };
}

/** Messages of all captures, each as it was sent. */
export const SEEDS: readonly Uint8Array[] = captured().map(({ bytes }) => enclose(bytes, 0, 68, 0));

function enclose(bytes: Uint8Array, address: number, port: number, seconds: number): Uint8Array {
  const head = Buffer.alloc(ENVELOPE);
  head.writeUInt32BE(address, 0);
  head.writeUInt16BE(port, 4);
  head[6] = seconds;
  return Buffer.concat([head, bytes]);
}

const ADDRESSES = [
  '0.0.0.0', '10.0.0.1', '10.0.0.10', '10.0.0.13', '10.0.0.77', '10.0.0.255', '10.1.0.1', '10.1.0.10', '10.2.0.20',
  '10.88.0.1', '10.88.0.12', '127.0.0.1', '192.168.7.7', '224.0.0.1', '255.255.255.255',
].map(ip); // biome-ignore format: a table
const TYPES = Object.values(MESSAGE);
const CODES = [...Object.values(OPTION), 0, 255, 43, 128, 200];
const CLASSES = [
  'PXEClient',
  'PXEClient:Arch:00007:UNDI:003016',
  'HTTPClient:Arch:00016',
  'iPXE',
  'udhcp 1.36',
  '',
];

type Change = (packet: Packet, random: Random) => Packet;
type Mutable = Map<number, Uint8Array>;

const withOptions = (change: (options: Mutable, random: Random) => void): Change => {
  return (packet, random) => {
    const options = new Map(packet.options);
    change(options, random);
    return { ...packet, options };
  };
};

const someAddress = (random: Random) => (random.once(6) ? random.int(2 ** 32) : random.pick(ADDRESSES));

/** What a DHCP message is made of, changed one part at a time. */
const CHANGES: readonly Change[] = [
  (packet, random) => ({ ...packet, chaddr: machine(random) }),
  (packet, random) => ({ ...packet, ciaddr: someAddress(random) }),
  (packet, random) => ({ ...packet, giaddr: someAddress(random), hops: random.int(3) }),
  (packet, random) => ({ ...packet, flags: random.pick([0, 0x8000, random.int(65536)]) }),
  (packet, random) => ({ ...packet, htype: random.pick([1, 6, 32, 255]), hlen: random.int(17) }),
  (packet, random) => ({ ...packet, xid: random.int(2 ** 32), secs: random.int(65536) }),
  (packet, random) => ({ ...packet, op: 1 + random.int(2) }),
  withOptions((options, random) => options.set(OPTION.messageType, byte(random.pick(TYPES)))),
  withOptions((options, random) => options.set(OPTION.requestedAddress, long(someAddress(random)))),
  withOptions((options, random) => options.set(OPTION.serverIdentifier, long(someAddress(random)))),
  withOptions((options, random) => options.set(OPTION.clientArchitecture, Uint8Array.of(0, random.int(24)))),
  withOptions((options, random) => options.set(OPTION.vendorClass, Buffer.from(random.pick(CLASSES)))),
  withOptions((options, random) => options.set(OPTION.userClass, Buffer.from(random.pick(CLASSES)))),
  withOptions((options, random) => options.set(OPTION.parameterList, random.bytes(random.int(60)))),
  withOptions((options, random) =>
    options.set(
      OPTION.maxMessageSize,
      random.pick([Uint8Array.of(2, 64), Uint8Array.of(255, 255), random.bytes(2)]),
    ),
  ),
  withOptions((options, random) => options.set(OPTION.relayAgent, relayOption(random))),
  withOptions((options, random) =>
    options.set(random.pick(CODES), random.bytes(random.pick([0, 1, 2, 4, 8, 16, 17, 255, 300]))),
  ),
  withOptions((options, random) => options.set(OPTION.hostName, random.bytes(random.int(80)))),
  withOptions((options, random) => options.delete(random.pick([...options.keys()]))),
];

function machine(random: Random): Uint8Array {
  const chaddr = Buffer.alloc(16);
  chaddr.set(random.once(8) ? random.bytes(16) : [random.pick([0x52, 0xb8]), 0x54, 0, 0, 0, random.int(40)]);
  return chaddr;
}

function relayOption(random: Random): Uint8Array {
  const part = () => [random.pick([1, 2, 5, 11]), 4, ...long(someAddress(random))];
  return Uint8Array.from(
    random.once(4) ? random.bytes(random.int(30)) : [...part(), ...(random.once(2) ? part() : [])],
  );
}

/** A new message: a captured one in other parts, an answer to one of the server's own `answers`, or bytes that hardly are one. */
export function makeMessage(
  random: Random,
  corpus: readonly Uint8Array[],
  answers: readonly Uint8Array[],
): Uint8Array {
  const sender = random.once(3) ? 0 : someAddress(random);
  const port = random.once(8) ? random.int(65536) : 68;
  const seconds = random.once(40) ? 255 : random.once(4) ? random.int(20) : 0;
  const base = random.pick(corpus).subarray(ENVELOPE);
  const bytes =
    answers.length > 0 && random.once(3) ? reaction(random.pick(answers), random) : changed(base, random);
  const spoilt = random.once(3) ? mutate(bytes, random, random.pick(corpus)) : bytes;
  return enclose(spoilt, sender, port, seconds);
}

function changed(base: Uint8Array, random: Random): Uint8Array {
  let packet: Packet;
  try {
    packet = decodePacket(base);
    for (let left = 1 + random.int(5); left > 0; left--) packet = random.pick(CHANGES)(packet, random);
    return encodePacket(packet);
  } catch {
    return mutate(base, random);
  }
}

/** What a machine says to an OFFER or an ACK. */
function reaction(answer: Uint8Array, random: Random): Uint8Array {
  const { yiaddr, xid, chaddr, htype, hlen, giaddr, options } = decodePacket(answer);
  const server = addressOf(options, OPTION.serverIdentifier) ?? 0;
  const type = random.pick([
    MESSAGE.request,
    MESSAGE.request,
    MESSAGE.request,
    MESSAGE.decline,
    MESSAGE.release,
    MESSAGE.inform,
  ]);
  const has = type === MESSAGE.release || random.once(3);
  const said = new Map<number, Uint8Array>([[OPTION.messageType, byte(type)]]);
  if (!has) said.set(OPTION.requestedAddress, long(yiaddr));
  if (!has || type === MESSAGE.release) said.set(OPTION.serverIdentifier, long(server));
  const plain: Packet = {
    op: 1, htype: htype || HTYPE_ETHERNET, hlen, hops: 0, xid, secs: 0, flags: random.pick([0, 0x8000]),
    ciaddr: has ? yiaddr : 0, yiaddr: 0, siaddr: 0, giaddr, chaddr, sname: '', file: '', options: said,
  }; // biome-ignore format: a packet
  return encodePacket(random.once(4) ? random.pick(CHANGES)(plain, random) : plain);
}
