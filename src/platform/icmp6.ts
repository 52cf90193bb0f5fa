import { closeSocket, openSocket, receiveOnThread, sendTo, setRawOption, setSocketOption } from './libc.ts';

const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const IPPROTO_IPV6 = 41;
const IPPROTO_ICMPV6 = 58;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_IF = 17;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_JOIN_GROUP = 20;
const ICMP6_FILTER = 1;

const ALL_NODES = 'ff020000000000000000000000000001';
const ALL_ROUTERS = 'ff020000000000000000000000000002';
/** Neighbour discovery takes nothing that a router could have passed on (RFC 4861 §6.1). */
const HOPS = 255;
/** How long a receive may hold its thread, and so how long closing may take. */
const RECEIVE_MS = 250;

/** A raw ICMPv6 socket on one adapter that hears one type of message sent to all routers. */
export interface Icmp6Socket {
  /** The next message, or undefined when none came for a quarter of a second. */
  receive(): Promise<Buffer | undefined>;
  /** Sends to all nodes of the link; the kernel fills in the checksum. */
  sendToAllNodes(message: Buffer): void;
  close(): void;
}

/**
 * @throws SystemCallError EPERM without NET_RAW, EAFNOSUPPORT or EADDRNOTAVAIL where IPv6 is off.
 */
export function openIcmp6(adapter: { name: string; index: number }, type: number): Icmp6Socket {
  const fd = openSocket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  const buffer = Buffer.alloc(1500);
  try {
    setSocketOption(fd, 'bindToDevice', adapter.name);
    setRawOption(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(RECEIVE_MS), 'SO_RCVTIMEO');
    setRawOption(fd, IPPROTO_ICMPV6, ICMP6_FILTER, passOnly(type), 'ICMP6_FILTER');
    setRawOption(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, int32(HOPS), 'IPV6_UNICAST_HOPS');
    setRawOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int32(HOPS), 'IPV6_MULTICAST_HOPS');
    setRawOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, int32(adapter.index), 'IPV6_MULTICAST_IF');
    const group = Buffer.concat([Buffer.from(ALL_ROUTERS, 'hex'), int32(adapter.index)]);
    setRawOption(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, group, 'IPV6_JOIN_GROUP');
  } catch (error) {
    closeSocket(fd);
    throw error;
  }
  return {
    async receive() {
      const count = await receiveOnThread(fd, buffer);
      return count > 0 ? buffer.subarray(0, count) : undefined;
    },
    sendToAllNodes: (message) => sendTo(fd, message, sockaddr(ALL_NODES, adapter.index)),
    close: () => closeSocket(fd),
  };
}

/** A filter that blocks every type but one: 256 bits, 1 blocks, in words of 32 bits. */
function passOnly(type: number): Buffer {
  const filter = Buffer.alloc(32, 0xff);
  const word = type >> 5;
  filter.writeUInt32LE((0xffffffff & ~(1 << (type & 31))) >>> 0, 4 * word);
  return filter;
}

/** struct sockaddr_in6 with the adapter as its scope. */
function sockaddr(address: string, scope: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(AF_INET6, 0);
  bytes.write(address, 8, 'hex');
  bytes.writeUInt32LE(scope, 24);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function timeval(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  bytes.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
  return bytes;
}
