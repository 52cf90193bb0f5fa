import dgram from 'node:dgram';
import { once } from 'node:events';
import { MESSAGE, OPTION, SERVER_PORT } from '../../../src/protocol/dhcp/codes.ts';
import { byte, byteOf, long } from '../../../src/protocol/dhcp/options.ts';
import { encodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import { parseIpv4 } from '../../../src/protocol/ipv4.ts';
import type { DhcpPort } from '../../../test/lab/fleet/dhcp-client.ts';
import { type Identity, newXid, reboot } from '../../../test/lab/fleet/packets.ts';

const PAUSES_MS = [1000, 2000, 4000, 8000];
const SYSTEM = 'system';

/** What systems say of the lease that they have. Each call resolves to what went wrong; undefined where all is well. */
export class LeaseTalk {
  readonly #server: string;
  readonly #port: DhcpPort;

  constructor(server: string, port: DhcpPort) {
    this.#server = server;
    this.#port = port;
  }

  /** By unicast, again and again until it is granted (RFC 2131, 4.3.2: RENEWING). */
  async renew(identity: Identity, address: string): Promise<string | undefined> {
    const packet = ownedBy(identity, address);
    // Heard where all answers are; what is broadcast first by ask() is REBINDING, which is granted all the same.
    await this.#unicast(packet, address);
    return answerOf(await this.#port.ask(packet, [MESSAGE.ack, MESSAGE.nak], PAUSES_MS));
  }

  /** INIT-REBOOT. */
  async reboot(identity: Identity, address: string): Promise<string | undefined> {
    const packet = reboot(identity, SYSTEM, newXid(), parseIpv4(address)!);
    return answerOf(await this.#port.ask(packet, [MESSAGE.ack, MESSAGE.nak], PAUSES_MS));
  }

  /** Is not answered (RFC 2131, 4.3.4). */
  async release(identity: Identity, address: string): Promise<undefined> {
    const packet = ownedBy(identity, address);
    const options = new Map(packet.options);
    options.set(OPTION.messageType, byte(MESSAGE.release));
    options.set(OPTION.serverIdentifier, long(parseIpv4(this.#server)!));
    await this.#unicast({ ...packet, options }, address);
  }

  async #unicast(packet: Packet, from: string): Promise<void> {
    const socket = dgram.createSocket('udp4');
    try {
      socket.bind(0, from);
      await once(socket, 'listening');
      // A cable that is out has no route either: what is said then is lost.
      await new Promise((resolve) => socket.send(encodePacket(packet), SERVER_PORT, this.#server, resolve));
    } finally {
      socket.close();
    }
  }
}

function ownedBy(identity: Identity, address: string): Packet {
  const packet = reboot(identity, SYSTEM, newXid(), 0);
  const options = new Map(packet.options);
  options.delete(OPTION.requestedAddress);
  return { ...packet, ciaddr: parseIpv4(address)!, options };
}

function answerOf(answer: Packet | undefined): string | undefined {
  if (!answer) return 'no answer';
  return byteOf(answer.options, OPTION.messageType) === MESSAGE.ack ? undefined : 'refused';
}
