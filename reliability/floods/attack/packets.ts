import { randomInt } from 'node:crypto';
import { BROADCAST, parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { encode } from '../../../src/protocol/tftp/codec.ts';
import { captured, first } from '../../../test/fixtures/dhcp.ts';
import { makeMessage, open as openMessage, SEEDS } from '../../../test/fuzz/dhcp-inputs.ts';
import { mutate } from '../../../test/fuzz/mutate.ts';
import { Random } from '../../../test/fuzz/random.ts';
import { makeDatagram, openDatagram, TFTP_SEEDS } from '../../../test/fuzz/tftp-inputs.ts';
import { type End, PAYLOAD_AT, setSourcePort, udpFrame } from './frame.ts';
import { FrameSocket } from './frame-socket.ts';
import type { Attack, Order, Running } from './order.ts';
import { Pace } from './pace.ts';

/** Floods of packets that stand ready, and want no answer. */

type Kind = 'noise' | 'discover' | 'read' | 'misname';
type Of<K extends Kind> = Extract<Attack, { does: K }>;

interface Ammunition {
  readonly frames: readonly Buffer[];
  /** What is different every time. */
  readonly touch?: (frame: Buffer) => void;
}

const RING = 16_384;
const EVERYONE = 'ff:ff:ff:ff:ff:ff';
const LONGEST = 1400;
const XID_AT = 4;
const CIADDR_AT = 12;
const GIADDR_AT = 24;
const CHADDR_AT = 28;
const HOPS_AT = 3;

const ip = (text: string) => parseIpv4(text)!;

const AMMUNITION: { readonly [K in Kind]: (attack: Of<K>, order: Order, random: Random) => Ammunition } = {
  noise: (_, order, random) => ({ frames: Array.from({ length: RING }, () => noise(order, random)) }),
  discover: (_, order) => {
    const [frame] = [toEveryone(order, first('ipxe-rom-bios', 'DISCOVER').bytes)];
    const places = placesOf(frame);
    return { frames: Array.from({ length: 1024 }, () => frame), touch: (one) => another(one, places) };
  },
  read: ({ from }, order, random) => {
    const peers = from === 'one' ? [ip(order.address)] : [...range(order.near), ...range(order.far)];
    const frames = Array.from({ length: RING }, (_, n) => {
      const peer = { mac: order.mac, address: peers[n % peers.length]!, port: 1024 + random.int(64_000) };
      return udpFrame(peer, toServer(order, 69), readRequest(order, random));
    });
    return { frames, touch: (frame) => setSourcePort(frame, 1024 + randomInt(64_000)) };
  },
  misname: (_, order, random) => ({
    frames: Array.from({ length: 4096 }, () => misnamed(order, random)),
    touch: (frame) => frame.writeUInt32BE(randomInt(2 ** 32), PAYLOAD_AT + XID_AT),
  }),
};

export function flood(attack: Of<Kind>, order: Order): Running {
  const load = AMMUNITION[attack.does] as (attack: Of<Kind>, order: Order, random: Random) => Ammunition;
  const { frames, touch } = load(attack, order, new Random(7));
  const socket = new FrameSocket(order.adapter, frames);
  let sent = 0;
  const pace = new Pace(attack.rate, (due) => {
    for (let left = due; left > 0; ) {
      const count = socket.send(Math.min(left, 256), touch);
      if (count === 0) return;
      sent += count;
      left -= count;
    }
  });
  return {
    async stop() {
      await pace.stop();
      return { sent };
    },
  };
}

const toServer = ({ server, serverMac }: Order, port: number): End => ({
  mac: serverMac,
  address: ip(server),
  port,
});

const toEveryone = ({ mac }: Order, payload: Uint8Array): Buffer =>
  udpFrame({ mac, address: 0, port: 68 }, { mac: EVERYONE, address: BROADCAST, port: 67 }, payload);

const range = ({ first: start, count }: Order['near']): number[] =>
  Array.from({ length: count }, (_, n) => ip(start) + n);

function noise(order: Order, random: Random): Buffer {
  const port = random.pick([67, 4011, 69]);
  const sources = [ip(order.address), ip(order.near.first) + random.int(order.near.count)];
  const from = { mac: order.mac, address: random.pick(sources), port: 1024 + random.int(64_000) };
  if (random.once(2)) from.address = ip(order.far.first) + random.int(order.far.count);
  const payload = noisePayload(port, random).subarray(0, LONGEST);
  if (port === 67 && random.once(2)) return toEveryone(order, payload);
  return udpFrame(from, toServer(order, port), payload);
}

/** A third each: anything at all, a capture that has lost its form, a message of odd parts. */
function noisePayload(port: number, random: Random): Uint8Array {
  const kind = random.int(3);
  if (kind === 0) return random.bytes(random.int(LONGEST));
  if (port === 69) {
    const sound = kind === 1 ? random.pick(TFTP_SEEDS) : makeDatagram(random, TFTP_SEEDS, []);
    const { bytes } = openDatagram(sound);
    return kind === 1 ? mutate(bytes, random) : bytes;
  }
  if (kind === 1) return mutate(random.pick(captured()).bytes, random);
  return openMessage(makeMessage(random, SEEDS, [])).bytes;
}

/** With and without options, of the loader, of a large file and of none. */
function readRequest({ loader, large }: Order, random: Random): Uint8Array {
  const options = random.pick([
    [],
    [
      ['tsize', '0'],
      ['blksize', '1468'],
      ['windowsize', '64'],
    ],
    [['timeout', '1']],
  ]) as [string, string][];
  const file = random.pick([loader, loader, large, 'no-such-file']);
  return encode({ type: 'rrq', file, mode: 'octet', options: new Map(options) });
}

/** DISCOVER and REQUEST of real machines that name a relay or their own address, and lie. */
function misnamed(order: Order, random: Random): Buffer {
  const kind = random.pick(['DISCOVER', 'REQUEST', 'INFORM']);
  const bytes = Buffer.from(first('ipxe-rom-bios', kind === 'INFORM' ? 'REQUEST' : kind).bytes);
  const lie = ip(random.pick(order.silent));
  bytes.writeUInt32BE(lie, random.once(2) ? GIADDR_AT : CIADDR_AT);
  if (random.once(4)) bytes.writeUInt32BE(lie, CIADDR_AT);
  bytes[HOPS_AT] = random.int(3);
  random.bytes(5).copy(bytes, CHADDR_AT + 1);
  if (kind === 'INFORM') bytes[bytes.indexOf(Uint8Array.of(53, 1, 3)) + 2] = 8;
  if (random.once(2)) return toEveryone(order, bytes);
  const from = { mac: order.mac, address: ip(order.address), port: random.pick([67, 68, 4011]) };
  return udpFrame(from, toServer(order, random.pick([67, 67, 4011])), bytes);
}

/** Where the hardware address stands in a frame with a DHCP message. */
function placesOf(frame: Buffer): number[] {
  const mac = frame.subarray(PAYLOAD_AT + CHADDR_AT, PAYLOAD_AT + CHADDR_AT + 6);
  const places: number[] = [];
  for (let at = frame.indexOf(mac, PAYLOAD_AT); at >= 0; at = frame.indexOf(mac, at + 1)) places.push(at);
  return places;
}

function another(frame: Buffer, places: readonly number[]): void {
  frame.writeUInt32BE(randomInt(2 ** 32), PAYLOAD_AT + XID_AT);
  const number = randomInt(2 ** 32);
  for (const at of places) {
    frame.writeUInt16BE(0x5256, at);
    frame.writeUInt32BE(number, at + 2);
  }
}
