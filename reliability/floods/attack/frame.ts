import { internetChecksum } from '../../../test/lab/checksum.ts';

const ETHERNET = 14;
const IPV4 = 20;
const UDP = 8;
export const PAYLOAD_AT = ETHERNET + IPV4 + UDP;

export interface End {
  readonly mac: string;
  /** Host order. */
  readonly address: number;
  readonly port: number;
}

/** An Ethernet frame with a UDP datagram from whomever one likes. Its checksum is left out, which IPv4 allows. */
export function udpFrame(from: End, to: End, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(PAYLOAD_AT + payload.length);
  frame.write(to.mac.replaceAll(':', ''), 0, 'hex');
  frame.write(from.mac.replaceAll(':', ''), 6, 'hex');
  frame.writeUInt16BE(0x0800, 12);
  const ip = frame.subarray(ETHERNET, ETHERNET + IPV4);
  ip[0] = 0x45;
  ip.writeUInt16BE(frame.length - ETHERNET, 2);
  ip[8] = 64;
  ip[9] = 17;
  ip.writeUInt32BE(from.address, 12);
  ip.writeUInt32BE(to.address, 16);
  ip.writeUInt16BE(internetChecksum(ip), 10);
  frame.writeUInt16BE(from.port, ETHERNET + IPV4);
  frame.writeUInt16BE(to.port, ETHERNET + IPV4 + 2);
  frame.writeUInt16BE(UDP + payload.length, ETHERNET + IPV4 + 4);
  frame.set(payload, PAYLOAD_AT);
  return frame;
}

/** Gives a frame of udpFrame() another source port. */
export function setSourcePort(frame: Buffer, port: number): void {
  frame.writeUInt16BE(port, ETHERNET + IPV4);
}
