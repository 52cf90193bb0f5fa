import { formatMac } from '../protocol/bytes.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { prefixOf } from '../protocol/ipv4.ts';
import { interfaceAddresses, ioctl, SystemCallError, withSocket } from './libc.ts';

/** What the kernel says of one network adapter. */
export interface AdapterFacts {
  readonly name: string;
  /** Kernel index; a re-created adapter of the same name has another one. */
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  /** Link up and a cable (or a running machine) at the other end. */
  readonly carrier: boolean;
  readonly up: boolean;
  /** IPv4 addresses in the kernel's order, the primary one first. */
  readonly addresses: readonly { readonly address: Ipv4; readonly prefix: number }[];
}

/** struct ifreq: a 16-byte name, then a union of 24 bytes. */
const IFREQ_SIZE = 40;
const NAME_SIZE = 16;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFMTU = 0x8921;
const SIOCGIFINDEX = 0x8933;
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;

/** struct ifreq for an adapter; names of 16 bytes and more do not exist in Linux. */
export function ifreq(name: string): Buffer {
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write(name.slice(0, NAME_SIZE - 1), 'latin1');
  return request;
}

function query(fd: number, name: string, request: number, call: string): Buffer {
  const answer = ifreq(name);
  ioctl(fd, request, answer, call);
  return answer.subarray(NAME_SIZE);
}

/** Every adapter but loopback, with or without an address or a carrier. */
export function listAdapters(): AdapterFacts[] {
  const entries = interfaceAddresses();
  const names = [...new Set(entries.map((entry) => entry.name))];
  return withSocket((fd) =>
    names.flatMap((name) =>
      factsOf(
        fd,
        name,
        entries.filter((e) => e.name === name),
      ),
    ),
  );
}

export function findAdapter(name: string): AdapterFacts | undefined {
  return listAdapters().find((adapter) => adapter.name === name);
}

function factsOf(fd: number, name: string, entries: ReturnType<typeof interfaceAddresses>): AdapterFacts[] {
  const flags = entries[0]!.flags;
  if (flags & IFF_LOOPBACK) return [];
  try {
    return [
      {
        name,
        index: query(fd, name, SIOCGIFINDEX, 'SIOCGIFINDEX').readInt32LE(0),
        mtu: query(fd, name, SIOCGIFMTU, 'SIOCGIFMTU').readInt32LE(0),
        mac: formatMac(query(fd, name, SIOCGIFHWADDR, 'SIOCGIFHWADDR').subarray(2, 8)),
        up: (flags & IFF_UP) !== 0,
        carrier: (flags & IFF_RUNNING) !== 0,
        addresses: entries.flatMap(({ ipv4 }) =>
          ipv4 ? [{ address: ipv4.address, prefix: prefixOf(ipv4.netmask) ?? 32 }] : [],
        ),
      },
    ];
  } catch (error) {
    // The adapter went away between the list and the question.
    if (error instanceof SystemCallError && error.code === 'ENODEV') return [];
    throw error;
  }
}

/** True where the address can be bound on this host: any adapter's, or loopback's. */
export function isLocalAddress(address: Ipv4): boolean {
  return interfaceAddresses().some((entry) => entry.ipv4?.address === address) || address >>> 24 === 127;
}
