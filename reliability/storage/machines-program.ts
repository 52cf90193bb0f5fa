// Plays machines behind one adapter, in a host of the lab: `node machines-program.ts ADAPTER`. Each line of its input is a Task, each of its output the
// Told that belongs to it.
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { FLAG_BROADCAST, MESSAGE, OP, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { addressOf, byte, byteOf, long, longOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4, parseIpv4 } from '../../src/protocol/ipv4.ts';

/** boot: DISCOVER and REQUEST. renew: REQUEST of the address that it has. */
export interface Task {
  readonly id: number;
  readonly mac: string;
  readonly does: 'boot' | 'renew';
  readonly address?: string;
}

/** Undefined where that did not come, though it was asked for a few times. */
export interface Told {
  readonly id: number;
  readonly offer?: string | undefined;
  readonly ack?: string | undefined;
  /** Of the ACK's lease. */
  readonly seconds?: number | undefined;
  readonly nak?: boolean;
}

const TRIES = 3;
const PATIENCE_MS = 500;

let socket: DatagramSocket;
let exchange = Math.floor(Math.random() * 2 ** 30);
const waiting = new Map<number, (packet: Packet) => void>();

function message(mac: string, xid: number, type: number, options: Record<number, Uint8Array>, ciaddr = 0) {
  const chaddr = Buffer.alloc(16);
  chaddr.set(Buffer.from(mac.replaceAll(':', ''), 'hex'));
  const all = new Map(
    Object.entries({ [OPTION.messageType]: byte(type), ...options }).map(([code, value]) => [
      Number(code),
      value,
    ]),
  );
  const empty = { hops: 0, secs: 0, yiaddr: 0, siaddr: 0, giaddr: 0, sname: '', file: '' };
  return encodePacket({
    ...empty,
    op: OP.request,
    htype: 1,
    hlen: 6,
    xid,
    flags: FLAG_BROADCAST,
    ciaddr,
    chaddr,
    options: all,
  });
}

async function ask(
  mac: string,
  type: number,
  options: Record<number, Uint8Array>,
  ciaddr = 0,
): Promise<Packet | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const xid = ++exchange;
    const answer = new Promise<Packet>((resolve) => waiting.set(xid, resolve));
    socket.send(message(mac, xid, type, options, ciaddr), BROADCAST, 67);
    const reply = await Promise.race([answer, sleep(PATIENCE_MS, undefined)]);
    waiting.delete(xid);
    if (reply) return reply;
  }
  return undefined;
}

async function done({ id, mac, does, address = '' }: Task): Promise<Told> {
  if (does === 'renew') return acked(id, await ask(mac, MESSAGE.request, {}, parseIpv4(address)));
  const offer = await ask(mac, MESSAGE.discover, {});
  if (!offer) return { id };
  const server = addressOf(offer.options, OPTION.serverIdentifier) ?? 0;
  const chosen = { [OPTION.serverIdentifier]: long(server), [OPTION.requestedAddress]: long(offer.yiaddr) };
  const told = acked(id, await ask(mac, MESSAGE.request, chosen));
  return { ...told, offer: formatIpv4(offer.yiaddr) };
}

function acked(id: number, reply: Packet | undefined): Told {
  if (!reply) return { id };
  if (byteOf(reply.options, OPTION.messageType) === MESSAGE.nak) return { id, nak: true };
  return { id, ack: formatIpv4(reply.yiaddr), seconds: longOf(reply.options, OPTION.leaseTime) };
}

socket = await openUdp(
  { port: 68, adapter: process.argv[2] ?? '', receiveBuffer: 4 << 20 },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) {
        const packet = decodePacket(new Uint8Array(bytes));
        waiting.get(packet.xid)?.(packet);
      }
    },
    sendFailed() {},
    failed: (error) => {
      throw error;
    },
  },
);
process.stdout.write('{"id":0}\n');
createInterface({ input: process.stdin }).on('line', async (line) => {
  process.stdout.write(`${JSON.stringify(await done(JSON.parse(line)))}\n`);
});
