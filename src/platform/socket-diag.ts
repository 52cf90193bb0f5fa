import { attributesIn, NETLINK, type NetlinkMessage, netlinkDump } from './netlink.ts';

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
const SOCK_DIAG_BY_FAMILY = 20;
const REQUEST = 56;
const MESSAGE = 72;
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_CGROUP_ID = 21;
const PROTOCOLS = { UDP: 17, TCP: 6 } as const;
/** TCP_LISTEN; UDP sockets that receive from anybody are in TCP_CLOSE. */
const STATES = { UDP: 1 << 7, TCP: 1 << 10 } as const;

/** Sockets that receive IPv4 from anybody. @throws SystemCallError where the kernel does not tell. */
export function listSockets(): BoundSocket[] {
  const found: BoundSocket[] = [];
  for (const protocol of ['UDP', 'TCP'] as const) {
    for (const family of [AF_INET, AF_INET6]) {
      const request = Buffer.alloc(REQUEST);
      request.writeUInt8(family, 0);
      request.writeUInt8(PROTOCOLS[protocol], 1);
      request.writeUInt32LE(STATES[protocol], 4);
      const messages = netlinkDump(NETLINK.sockDiag, SOCK_DIAG_BY_FAMILY, request);
      found.push(...socketsIn(messages, protocol));
    }
  }
  return found;
}

export function socketsIn(
  messages: readonly NetlinkMessage[],
  protocol: BoundSocket['protocol'],
): BoundSocket[] {
  return messages
    .filter(({ type, body }) => type === SOCK_DIAG_BY_FAMILY && body.length >= MESSAGE)
    .flatMap(({ body }) => socketIn(body, protocol));
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
