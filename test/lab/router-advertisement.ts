import { internetChecksum } from './checksum.ts';

const ETHERNET = 14;
const IPV6 = 40;
const ICMPV6 = 58;
const SOLICITATION = 133;
const ADVERTISEMENT = 134;
const ROUTER_MAC = Buffer.from('020000000001', 'hex');
const ROUTER = Buffer.from('fe80000000000000000000fffe000001', 'hex');

export function isRouterSolicitation(frame: Buffer): boolean {
  return (
    frame.length >= ETHERNET + IPV6 + 8 &&
    frame.readUInt16BE(12) === 0x86dd &&
    frame[ETHERNET + 6] === ICMPV6 &&
    frame[ETHERNET + IPV6] === SOLICITATION
  );
}

/** "I am no router, and there are no addresses to be had" (RFC 4861 4.2: lifetime 0, no prefix), for who asked. */
export function routerAdvertisement(solicitation: Buffer): Buffer {
  const client = solicitation.subarray(ETHERNET + 8, ETHERNET + 24);
  const message = Buffer.alloc(16);
  message[0] = ADVERTISEMENT;
  message[4] = 64; // hop limit
  const length = Buffer.from([0, 0, 0, message.length]);
  const pseudoHeader = Buffer.concat([ROUTER, client, length, Buffer.from([0, 0, 0, ICMPV6])]);
  message.writeUInt16BE(internetChecksum(Buffer.concat([pseudoHeader, message])), 2);
  return Buffer.concat([
    solicitation.subarray(6, 12),
    ROUTER_MAC,
    Buffer.from([0x86, 0xdd, 0x60, 0, 0, 0, 0, message.length, ICMPV6, 255]),
    ROUTER,
    client,
    message,
  ]);
}
