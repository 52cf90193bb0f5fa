import type { Socket } from 'node:net';
import { ioctl } from './libc.ts';
import { descriptorOf } from './tcp-handover.ts';

/** linux/sockios.h: bytes of the send queue that the peer has not acknowledged. */
const SIOCOUTQ = 0x5411;
const count = Buffer.alloc(4);

/** Bytes that the kernel holds for the peer, sent or not, until it acknowledges them; undefined where the connection is closed. */
export function unacknowledged(socket: Socket): number | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  try {
    ioctl(fd, SIOCOUTQ, count, 'SIOCOUTQ');
    return count.readInt32LE(0);
  } catch {
    return undefined;
  }
}
