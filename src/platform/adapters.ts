import type { Ipv4 } from '../protocol/ipv4.ts';
import { listLinks, type Master } from './links.ts';
import { attributesIn, NETLINK, type NetlinkMessage, netlinkDump } from './netlink.ts';

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
  /** Undefined where it belongs to nothing. */
  readonly master?: Master | undefined;
}

/** An IPv4 address of this host, loopback's among them. */
export interface OwnAddress {
  /** Index of its adapter; what a label such as eth0:1 calls an adapter of its own is none. */
  readonly index: number;
  readonly address: Ipv4;
  readonly prefix: number;
}

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;

/** Every adapter but loopback, with or without an address or a carrier. @throws SystemCallError where the kernel does not tell. */
export function listAdapters(): AdapterFacts[] {
  const own = listAddresses();
  return listLinks()
    .filter(({ flags }) => !(flags & IFF_LOOPBACK))
    .map(({ name, index, mac, mtu, flags, master }) => ({
      name,
      index,
      mac,
      mtu,
      up: (flags & IFF_UP) !== 0,
      carrier: (flags & IFF_RUNNING) !== 0,
      addresses: own.filter((one) => one.index === index).map(({ address, prefix }) => ({ address, prefix })),
      master,
    }));
}

export function findAdapter(name: string): AdapterFacts | undefined {
  return listAdapters().find((adapter) => adapter.name === name);
}

/** True where the address can be bound on this host: any adapter's, or loopback's. */
export function isLocalAddress(address: Ipv4): boolean {
  return address >>> 24 === 127 || listAddresses().some((own) => own.address === address);
}

const AF_INET = 2;
const RTM_NEWADDR = 20;
const RTM_GETADDR = 22;
const IFADDRMSG = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const QUESTION = Buffer.alloc(IFADDRMSG);
QUESTION.writeUInt8(AF_INET, 0);

function listAddresses(): OwnAddress[] {
  return addressesIn(netlinkDump(NETLINK.route, RTM_GETADDR, QUESTION));
}

export function addressesIn(messages: readonly NetlinkMessage[]): OwnAddress[] {
  return messages
    .filter(({ type, body }) => type === RTM_NEWADDR && body.length >= IFADDRMSG && body[0] === AF_INET)
    .flatMap(({ body }) => {
      const attributes = attributesIn(body.subarray(IFADDRMSG));
      // Of a link between two ends IFA_ADDRESS is the other one.
      const address = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
      if (address?.length !== 4) return [];
      return [{ prefix: body.readUInt8(1), index: body.readInt32LE(4), address: address.readUInt32BE(0) }];
    });
}
