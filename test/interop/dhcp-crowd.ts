// Many machines behind one adapter, each going through DISCOVER and REQUEST again and again. A program of its own, run in a host of
// the lab: `node dhcp-crowd.ts ADAPTER MACHINES SECONDS`. Prints a line for every ACK: "ack MAC ADDRESS".
import { setTimeout as sleep } from 'node:timers/promises';
import { type DatagramSocket, openUdp } from '../../src/platform/udp.ts';
import { MESSAGE, OPTION } from '../../src/protocol/dhcp/codes.ts';
import { byteOf } from '../../src/protocol/dhcp/options.ts';
import { decodePacket } from '../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4 } from '../../src/protocol/ipv4.ts';
import { BROADCAST_FLAG, message } from '../dhcp/rig.ts';

const [adapter = '', machines = '1', seconds = '1'] = process.argv.slice(2);
const RETRY_MS = 400;

const macOf = (number: number) => `52:54:01:00:${hex(number >> 8)}:${hex(number & 255)}`;
const hex = (octet: number) => octet.toString(16).padStart(2, '0');

let socket: DatagramSocket;
let exchange = 0;
const waiting = new Map<number, (packet: ReturnType<typeof decodePacket>) => void>();

async function ask(bytes: Uint8Array, xid: number): Promise<ReturnType<typeof decodePacket> | undefined> {
  const answer = new Promise<ReturnType<typeof decodePacket>>((resolve) => waiting.set(xid, resolve));
  socket.send(bytes, BROADCAST, 67);
  const reply = await Promise.race([answer, sleep(RETRY_MS, undefined)]);
  waiting.delete(xid);
  return reply;
}

async function machine(number: number, until: number): Promise<void> {
  const mac = macOf(number);
  while (performance.now() < until) {
    const xid = ++exchange;
    const say = { mac, xid, flags: BROADCAST_FLAG };
    const offer = await ask(message(MESSAGE.discover, say), xid);
    if (!offer) continue;
    const server = offer.options.get(OPTION.serverIdentifier)!;
    const options = {
      [OPTION.serverIdentifier]: server,
      [OPTION.requestedAddress]: formatIpv4(offer.yiaddr),
    };
    const ack = await ask(message(MESSAGE.request, { ...say, options }), xid);
    if (ack && byteOf(ack.options, OPTION.messageType) === MESSAGE.ack) {
      process.stdout.write(`ack ${mac} ${formatIpv4(ack.yiaddr)}\n`);
    }
    await sleep(Math.random() * 50);
  }
}

socket = await openUdp(
  { port: 68, adapter, receiveBuffer: 4 << 20 },
  {
    batch(datagrams) {
      for (const { bytes } of datagrams) {
        const packet = decodePacket(bytes);
        waiting.get(packet.xid)?.(packet);
      }
    },
    sendFailed() {},
    failed: (error) => {
      throw error;
    },
  },
);
const until = performance.now() + Number(seconds) * 1000;
await Promise.all(Array.from({ length: Number(machines) }, (_, number) => machine(number, until)));
await socket.close();
