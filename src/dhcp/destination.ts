import { CLIENT_PORT, FLAG_BROADCAST, HTYPE_ETHERNET, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { hardwareAddress, type Packet } from '../protocol/dhcp/packet.ts';
import { BROADCAST, type Ipv4 } from '../protocol/ipv4.ts';

/** Where a reply goes. */
export interface Destination {
  readonly address: Ipv4;
  readonly port: number;
  /**
   * The client has no address yet: the kernel has to be told its hardware address before a unicast can reach it. Where
   * that cannot be done the reply is broadcast. A copy: the reply may have to wait for the disk.
   */
  readonly hardware?: Uint8Array;
}

const ETHERNET_LENGTH = 6;

/**
 * RFC 2131 §4.1, as a function of the request and the address it is given. `yiaddr` 0 means the reply gives none: a NAK, or
 * an ACK of an INFORM.
 */
export function destinationOf(request: Packet, yiaddr: Ipv4, nak = false): Destination {
  if (request.giaddr !== 0) return { address: request.giaddr, port: SERVER_PORT };
  if (nak) return { address: BROADCAST, port: CLIENT_PORT };
  // Whoever is given an address has no other one to be reached at: an answer sent there could be meant for a stranger.
  const hasIt = request.ciaddr !== 0 && (yiaddr === 0 || request.ciaddr === yiaddr);
  if (hasIt) return { address: request.ciaddr, port: CLIENT_PORT };
  const ethernet = request.htype === HTYPE_ETHERNET && request.hlen === ETHERNET_LENGTH;
  if (request.flags & FLAG_BROADCAST || yiaddr === 0 || !ethernet)
    return { address: BROADCAST, port: CLIENT_PORT };
  return { address: yiaddr, port: CLIENT_PORT, hardware: hardwareAddress(request).slice() };
}
