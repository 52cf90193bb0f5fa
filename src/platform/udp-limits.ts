import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';

/** The largest payload that IPv4 carries in one datagram, and the kernel takes in one message. */
export const LARGEST_DATAGRAM = 65_507;

/** Bytes of all that waits for one flush. */
export const ARENA = 1 << 20;

/** In the words of node:dgram, whichever way it was sent. */
export function sendFailure(code: string, address: Ipv4, port: number): Error {
  const error = new Error(`send ${code} ${formatIpv4(address)}:${port}`);
  return Object.assign(error, { code, syscall: 'send' });
}
