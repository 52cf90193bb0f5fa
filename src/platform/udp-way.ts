import os from 'node:os';
import { errnoName, withSocket } from './libc.ts';
import { receiveMessages, sendMessages } from './libc-datagrams.ts';
import { LAYOUT_KNOWN } from './udp-messages.ts';

/** How sockets are worked: many datagrams a system call, or node:dgram's one. */
export type DatagramWay = 'batch' | 'plain';

export interface ChosenWay {
  readonly way: DatagramWay;
  /** Why many datagrams in a system call are not to be had, where they were wanted. */
  readonly obstacle?: string;
}

/** 'auto' and 'batch' take what works; only whether a service complains of it differs. */
export function chooseWay(wanted: 'auto' | DatagramWay): ChosenWay {
  if (wanted === 'plain') return { way: 'plain' };
  const obstacle = obstacleToBatches();
  return obstacle === undefined ? { way: 'batch' } : { way: 'plain', obstacle };
}

/** Old kernels, sandboxes that imitate one, and seccomp profiles may refuse these calls. */
function obstacleToBatches(): string | undefined {
  if (!LAYOUT_KNOWN) return `the structures of the C library are not known for ${os.arch()}`;
  return withSocket((fd) => {
    const received = receiveMessages(fd, 0, 0);
    if (received < 0 && received !== -os.constants.errno.EAGAIN) return `recvmmsg: ${errnoName(-received)}`;
    const sent = sendMessages(fd, 0, 0);
    return sent < 0 ? `sendmmsg: ${errnoName(-sent)}` : undefined;
  });
}
