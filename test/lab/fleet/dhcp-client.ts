import { setTimeout as sleep } from 'node:timers/promises';
import { type Datagram, type DatagramSocket, openUdp } from '../../../src/platform/udp.ts';
import { CLIENT_PORT, MESSAGE, OPTION, SERVER_PORT } from '../../../src/protocol/dhcp/codes.ts';
import { addressOf, byteOf } from '../../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import { BROADCAST, formatIpv4, type Ipv4 } from '../../../src/protocol/ipv4.ts';
import { type DhcpStage, discover, type Identity, newXid, select } from './packets.ts';
import { Stopped } from './plan.ts';

/** What the firmware does between two tries: PXE 2.1 waits 4, 8, 16 and 32 s; here it is less patient. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000];

/** Where DHCP is spoken for all machines: one socket on the adapter, answers told apart by xid. */
export class DhcpPort {
  #socket: DatagramSocket | undefined;
  readonly #waiting = new Map<number, (packet: Packet) => void>();

  async open(adapter: string): Promise<void> {
    const failed = (error: Error) => {
      throw error;
    };
    const batch = (datagrams: readonly Datagram[]) => {
      for (const { bytes } of datagrams) this.#take(bytes);
    };
    this.#socket = await openUdp(
      { port: CLIENT_PORT, adapter, receiveBuffer: 4 << 20 },
      { batch, sendFailed: (_, error) => failed(error), failed },
    );
  }

  say(packet: Packet): void {
    this.#socket?.send(encodePacket(packet), BROADCAST, SERVER_PORT);
  }

  /** Says it again and again, until an answer of these kinds comes, `from` that server; undefined where none does. */
  async ask(
    packet: Packet,
    kinds: readonly number[],
    pauses: readonly number[] = PAUSES_MS,
    from?: Ipv4,
  ): Promise<Packet | undefined> {
    const answer = new Promise<Packet>((resolve) => {
      this.#waiting.set(packet.xid, (reply) => {
        if (from !== undefined && addressOf(reply.options, OPTION.serverIdentifier) !== from) return;
        if (kinds.includes(byteOf(reply.options, OPTION.messageType) ?? 0)) resolve(reply);
      });
    });
    const over = new AbortController();
    try {
      for (const pause of pauses) {
        this.say(packet);
        const reply = await Promise.race([
          answer,
          sleep(pause, undefined, { signal: over.signal }).catch(() => undefined),
        ]);
        if (reply) return reply;
      }
      return undefined;
    } finally {
      over.abort();
      this.#waiting.delete(packet.xid);
    }
  }

  #take(bytes: Uint8Array): void {
    // Packets are kept for longer than a batch.
    const packet = decodePacket(Uint8Array.from(bytes));
    this.#waiting.get(packet.xid)?.(packet);
  }
}

export interface Lease {
  readonly address: string;
  readonly number: Ipv4;
  readonly server: Ipv4;
  readonly xid: number;
  readonly ack: Packet;
}

/**
 * DISCOVER, OFFER, REQUEST, ACK; with the server `from`, whoever else offers something.
 *
 * @throws Stopped where no server answers.
 */
export async function obtain(
  port: DhcpPort,
  identity: Identity,
  stage: DhcpStage,
  from?: Ipv4,
  pauses: readonly number[] = PAUSES_MS,
): Promise<Lease> {
  const xid = newXid();
  const offer = await port.ask(discover(identity, stage, xid), [MESSAGE.offer], pauses, from);
  if (!offer) throw new Stopped('no DHCP server made an offer');
  const chosen = { server: addressOf(offer.options, OPTION.serverIdentifier)!, address: offer.yiaddr };
  const ack = await port.ask(select(identity, stage, xid, chosen), [MESSAGE.ack, MESSAGE.nak], pauses);
  if (!ack || byteOf(ack.options, OPTION.messageType) !== MESSAGE.ack)
    throw new Stopped('its offer was taken back');
  return { address: formatIpv4(ack.yiaddr), number: ack.yiaddr, server: chosen.server, xid, ack };
}
