import dgram from 'node:dgram';
import { formatIpv4, parseIpv4 } from '../../../src/protocol/ipv4.ts';
import { encode } from '../../../src/protocol/tftp/codec.ts';
import { OPCODE } from '../../../src/protocol/tftp/packet.ts';
import type { Attack, Order, Running } from './order.ts';

const TFTP = 69;
/** Clients behind one address. */
const PER_ADDRESS = 8;
const OPTIONS = new Map([
  ['blksize', '1468'],
  ['windowsize', '16'],
]);

/** Clients that take their time with each ACK, and begin again when the transfer has ended. */
export function slowAcks(
  { clients, everyMs }: Extract<Attack, { does: 'slow-ack' }>,
  { clients: own, server, large }: Order,
): Running {
  const done = { requests: 0, packets: 0, acks: 0, errors: 0 };
  const request = encode({ type: 'rrq', file: large, mode: 'octet', options: OPTIONS });
  const sockets = Array.from({ length: clients }, (_, n) => {
    const socket = dgram.createSocket('udp4');
    let heard: Buffer | undefined;
    let port = TFTP;
    const ask = () => {
      done.requests += 1;
      heard = undefined;
      port = TFTP;
      socket.send(request, TFTP, server);
    };
    socket.on('message', (bytes, peer) => {
      done.packets += 1;
      heard = bytes;
      port = peer.port;
    });
    const timer = setInterval(() => {
      if (!heard) return ask();
      if (heard[1] === OPCODE.error) {
        done.errors += 1;
        return ask();
      }
      done.acks += 1;
      const block = heard[1] === OPCODE.data ? heard.readUInt16BE(2) : 0;
      socket.send(Uint8Array.of(0, OPCODE.ack, block >> 8, block), port, server);
    }, everyMs);
    const address = formatIpv4(parseIpv4(own.first)! + (Math.floor(n / PER_ADDRESS) % own.count));
    socket.bind(0, address, ask);
    return { socket, timer };
  });
  return {
    stop() {
      for (const { socket, timer } of sockets) {
        clearInterval(timer);
        socket.close();
      }
      return done;
    },
  };
}
