import { randomBytes } from 'node:crypto';
import { type Datagram, openUdp } from '../../../src/platform/udp.ts';
import { CLIENT_PORT, MESSAGE, OPTION, SERVER_PORT } from '../../../src/protocol/dhcp/codes.ts';
import { addressOf, byteOf } from '../../../src/protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import { BROADCAST } from '../../../src/protocol/ipv4.ts';
import { discover, type Identity, newXid, select } from '../../../test/lab/fleet/packets.ts';
import type { Attack, Order, Running } from './order.ts';
import { Pace } from './pace.ts';

const BROADCAST_FLAG = 0x8000;
/** Machines whose answers are waited for. */
const REMEMBERED = 20_000;

/** Machines by chance that take whatever they are offered. */
export async function handshakes(
  { rate }: Extract<Attack, { does: 'handshake' }>,
  { adapter }: Order,
): Promise<Running> {
  const asked = new Map<number, Identity>();
  const done = { discovers: 0, offers: 0, requests: 0, acks: 0 };
  const socket = await openUdp(
    { port: CLIENT_PORT, adapter, receiveBuffer: 4 << 20 },
    {
      batch: (datagrams: readonly Datagram[]) => {
        for (const { bytes } of datagrams) take(decodePacket(Uint8Array.from(bytes)));
      },
      sendFailed: () => {},
      failed(error) {
        throw error;
      },
    },
  );
  const say = (packet: Packet) =>
    socket.send(encodePacket({ ...packet, flags: BROADCAST_FLAG }), BROADCAST, SERVER_PORT);
  const take = (packet: Packet) => {
    const identity = asked.get(packet.xid);
    const server = addressOf(packet.options, OPTION.serverIdentifier);
    if (!identity || server === undefined) return;
    const kind = byteOf(packet.options, OPTION.messageType);
    if (kind === MESSAGE.ack) done.acks += 1;
    if (kind !== MESSAGE.offer) return;
    done.offers += 1;
    done.requests += 1;
    say(select(identity, 'ipxe', packet.xid, { server, address: packet.yiaddr }));
  };
  const pace = new Pace(rate, (due) => {
    for (let left = due; left > 0; left--) {
      const mac = `52:57:${randomBytes(4).toString('hex').match(/../g)!.join(':')}`;
      const identity: Identity = { mac, kind: 'ipxe-rom', hostName: 'x' };
      const xid = newXid();
      asked.set(xid, identity);
      if (asked.size > REMEMBERED) asked.delete(asked.keys().next().value!);
      done.discovers += 1;
      say(discover(identity, 'ipxe', xid));
    }
    socket.flush();
  });
  return {
    async stop() {
      await pace.stop();
      await socket.close();
      return done;
    },
  };
}
