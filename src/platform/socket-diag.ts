import { closeSocket, openSocket, receiveOnThread, sendTo, setRawOption } from './libc.ts';

/**
 * The kernel's list of sockets (linux/inet_diag.h), over netlink. Unlike /proc/net/udp it tells the adapter that a socket is bound to, and
 * the control group of its program, which names a systemd unit even where the program itself cannot be seen.
 */
export interface BoundSocket {
  readonly protocol: 'UDP' | 'TCP';
  /** 0: every one. */
  readonly address: number;
  readonly port: number;
  /** Index of the adapter; 0: every one. */
  readonly adapter: number;
  readonly uid: number;
  readonly inode: number;
  /** Inode of the control group's folder below /sys/fs/cgroup; undefined where the kernel does not tell. */
  readonly cgroup: bigint | undefined;
}

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSGHDR = 16;
const REQUEST = 56;
const MESSAGE = 72;
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_CGROUP_ID = 21;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const PROTOCOLS = { UDP: 17, TCP: 6 } as const;
/** TCP_LISTEN; UDP sockets that receive from anybody are in TCP_CLOSE. */
const STATES = { UDP: 1 << 7, TCP: 1 << 10 } as const;
const PATIENCE_SECONDS = 1;

/** Sockets that receive IPv4 from anybody. @throws SystemCallError where the kernel does not tell. */
export async function listSockets(): Promise<BoundSocket[]> {
  const fd = openSocket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  try {
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(BigInt(PATIENCE_SECONDS));
    setRawOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, 'SO_RCVTIMEO');
    const found: BoundSocket[] = [];
    for (const protocol of ['UDP', 'TCP'] as const) {
      for (const family of [AF_INET, AF_INET6]) found.push(...(await dump(fd, family, protocol)));
    }
    return found;
  } finally {
    closeSocket(fd);
  }
}

async function dump(fd: number, family: number, protocol: BoundSocket['protocol']): Promise<BoundSocket[]> {
  const request = Buffer.alloc(NLMSGHDR + REQUEST);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request.writeUInt8(family, NLMSGHDR);
  request.writeUInt8(PROTOCOLS[protocol], NLMSGHDR + 1);
  request.writeUInt32LE(STATES[protocol], NLMSGHDR + 4);
  const kernel = Buffer.alloc(12);
  kernel.writeUInt16LE(AF_NETLINK, 0);
  sendTo(fd, request, kernel);

  const found: BoundSocket[] = [];
  for (;;) {
    const into = Buffer.alloc(1 << 16);
    const length = await receiveOnThread(fd, into);
    if (length <= 0) throw new Error('the kernel does not answer which sockets there are');
    const { sockets, done } = parseDump(into.subarray(0, length), protocol);
    found.push(...sockets);
    if (done) return found;
  }
}

/** One datagram of an answer: messages one after the other, each of a multiple of 4 bytes. */
export function parseDump(
  bytes: Buffer,
  protocol: BoundSocket['protocol'],
): { sockets: BoundSocket[]; done: boolean } {
  const sockets: BoundSocket[] = [];
  for (let at = 0; at + NLMSGHDR <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === NLMSG_DONE || length < NLMSGHDR) return { sockets, done: true };
    if (type === NLMSG_ERROR)
      throw new Error(`the kernel does not tell its sockets (error ${-bytes.readInt32LE(at + NLMSGHDR)})`);
    const body = bytes.subarray(at + NLMSGHDR, at + length);
    if (type === SOCK_DIAG_BY_FAMILY && body.length >= MESSAGE) sockets.push(...socketIn(body, protocol));
    at += (length + 3) & ~3;
  }
  return { sockets, done: false };
}

function socketIn(body: Buffer, protocol: BoundSocket['protocol']): BoundSocket[] {
  const attributes = attributesIn(body.subarray(MESSAGE));
  const six = body.readUInt8(0) === AF_INET6;
  const address = six ? mapped(body.subarray(8, 24)) : body.readUInt32BE(8);
  if (address === undefined || (six && attributes.get(INET_DIAG_SKV6ONLY)?.[0] === 1)) return [];
  const cgroup = attributes.get(INET_DIAG_CGROUP_ID);
  return [
    {
      protocol,
      address,
      port: body.readUInt16BE(4),
      adapter: body.readUInt32LE(40),
      uid: body.readUInt32LE(64),
      inode: body.readUInt32LE(68),
      cgroup: cgroup && cgroup.length >= 8 ? cgroup.readBigUInt64LE(0) : undefined,
    },
  ];
}

/** What an IPv6 socket hears of IPv4: everything on ::, its address on ::ffff:a.b.c.d, and else nothing. */
function mapped(address: Buffer): number | undefined {
  if (address.every((octet) => octet === 0)) return 0;
  const isMapped =
    address.subarray(0, 10).every((octet) => octet === 0) && address.readUInt16BE(10) === 0xffff;
  return isMapped ? address.readUInt32BE(12) : undefined;
}

function attributesIn(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4) break;
    found.set(bytes.readUInt16LE(at + 2), bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}
