import type { Server } from 'node:net';
import { SystemCallError, setRawOption } from './libc.ts';
import { descriptorOf } from './tcp-handover.ts';

const IPPROTO_TCP = 6;
const TCP_CONGESTION = 13;

/** In the order in which they are tried. Reno is there, and allowed, everywhere. */
const FOR_LANS = ['cubic', 'reno'] as const;

/**
 * Has the connections of a listening server fill the line by acknowledgements alone. BBR, which hosts may have as their default, meters out
 * packets by timers: on a network of one hop that takes a third of a core's throughput and wins nothing.
 *
 * @returns what was set; undefined where the host's default is kept: nothing of it can be had, or the server's descriptor is not known.
 */
export function preferLanCongestion(server: Server): (typeof FOR_LANS)[number] | undefined {
  const fd = descriptorOf(server);
  if (fd === undefined) return undefined;
  return FOR_LANS.find((name) => {
    try {
      setRawOption(fd, IPPROTO_TCP, TCP_CONGESTION, Buffer.from(name), 'TCP_CONGESTION');
      return true;
    } catch (error) {
      if (error instanceof SystemCallError) return false;
      throw error;
    }
  });
}
