import { closeSocket, openSocket, receiveAtOnce, sendTo } from './libc.ts';

/** Questions to the kernel over netlink (linux/netlink.h) whose answers are lists. */

export const NETLINK = { route: 0, sockDiag: 4 } as const;

export interface NetlinkMessage {
  readonly type: number;
  readonly body: Buffer;
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST_DUMP = 0x301;
const HEADER = 16;
const LARGEST_DATAGRAM = 1 << 16;
/** Adapters are looked at every second, for as long as the process lives. */
let into: Buffer | undefined;

/** Asks for all of a kind. The kernel answers within the system calls. @throws SystemCallError or Error where it does not tell. */
export function netlinkDump(
  protocol: (typeof NETLINK)[keyof typeof NETLINK],
  type: number,
  body: Buffer,
): NetlinkMessage[] {
  into ??= Buffer.alloc(LARGEST_DATAGRAM);
  const fd = openSocket(AF_NETLINK, SOCK_RAW, protocol);
  try {
    sendTo(fd, requestOf(type, body), kernelAddress());
    const found: NetlinkMessage[] = [];
    for (;;) {
      const length = receiveAtOnce(fd, into);
      if (length === 0) throw new Error('the kernel does not answer over netlink');
      const { messages, done } = messagesIn(Buffer.from(into.subarray(0, length)));
      found.push(...messages);
      if (done) return found;
    }
  } finally {
    closeSocket(fd);
  }
}

function requestOf(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  return Buffer.concat([header, body]);
}

function kernelAddress(): Buffer {
  const sockaddr = Buffer.alloc(12);
  sockaddr.writeUInt16LE(AF_NETLINK, 0);
  return sockaddr;
}

/** One datagram of an answer: messages one after the other, each of a multiple of 4 bytes. @throws Error for the kernel's refusal. */
export function messagesIn(bytes: Buffer): { messages: NetlinkMessage[]; done: boolean } {
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === NLMSG_DONE || length < HEADER) return { messages, done: true };
    const body = bytes.subarray(at + HEADER, at + length);
    if (type === NLMSG_ERROR)
      throw new Error(`the kernel refuses to tell (error ${body.length >= 4 ? -body.readInt32LE(0) : '?'})`);
    messages.push({ type, body });
    at += (length + 3) & ~3;
  }
  return { messages, done: false };
}

/** NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type. */
const ATTRIBUTE_TYPE = 0x3fff;

/** Attributes by their types. */
export function attributesIn(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    found.set(bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}
