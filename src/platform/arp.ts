import type { Ipv4 } from '../protocol/ipv4.ts';
import { AF_INET, ioctl, SystemCallError } from './libc.ts';

const SIOCSARP = 0x8955;
const ARPHRD_ETHER = 1;
const ATF_COM = 0x02;
/** struct arpreq; one for all calls, which the kernel has done with when they return. */
const request = Buffer.alloc(68);

/**
 * Tells the kernel which hardware address an IP address has, so that a reply can be unicast to a client that cannot answer
 * ARP yet (RFC 2131 §4.1). Needs NET_ADMIN.
 *
 * @returns false where the kernel refuses; the caller broadcasts instead.
 */
export function setArpEntry(fd: number, adapter: string, address: Ipv4, hardware: Uint8Array): boolean {
  request.fill(0);
  request.writeUInt16LE(AF_INET, 0);
  request.writeUInt32BE(address, 4);
  request.writeUInt16LE(ARPHRD_ETHER, 16);
  request.set(hardware.subarray(0, 6), 18);
  request.writeInt32LE(ATF_COM, 32);
  request.write(adapter, 52, 15, 'latin1');
  try {
    ioctl(fd, SIOCSARP, request, 'SIOCSARP');
    return true;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}
