import { formatMac } from '../protocol/bytes.ts';
import { attributesIn, NETLINK, type NetlinkMessage, netlinkDump } from './netlink.ts';

/** How an adapter is made and what it belongs to (linux/if_link.h). Unlike /sys, this is of the network that the process itself is in. */
export interface Link {
  readonly name: string;
  /** Kernel index; a re-created adapter of the same name has another one. */
  readonly index: number;
  /** IFF_UP and so on. */
  readonly flags: number;
  readonly mac: string;
  readonly mtu: number;
  /** bridge, bond, veth, vlan …; undefined for hardware. */
  readonly kind: string | undefined;
  readonly master: Master | undefined;
}

/** What takes over the frames that arrive: a bridge, a bond, a team, a VRF. */
export interface Master {
  readonly name: string;
  readonly kind: string;
}

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFINFOMSG = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 8;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_SLAVE_KIND = 4;
/** struct ifinfomsg, then that nobody's counters are wanted. */
const QUESTION = Buffer.alloc(IFINFOMSG + 8);
QUESTION.writeUInt16LE(8, IFINFOMSG);
QUESTION.writeUInt16LE(IFLA_EXT_MASK, IFINFOMSG + 2);
QUESTION.writeUInt32LE(RTEXT_FILTER_SKIP_STATS, IFINFOMSG + 4);

/** Every adapter. @throws SystemCallError where the kernel does not tell. */
export function listLinks(): Link[] {
  return linksIn(netlinkDump(NETLINK.route, RTM_GETLINK, QUESTION));
}

export function linksIn(messages: readonly NetlinkMessage[]): Link[] {
  const raw = messages
    .filter(({ type, body }) => type === RTM_NEWLINK && body.length >= IFINFOMSG)
    .map(({ body }) => {
      const attributes = attributesIn(body.subarray(IFINFOMSG));
      const info = attributesIn(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
      return {
        index: body.readInt32LE(4),
        flags: body.readUInt32LE(8),
        name: textIn(attributes.get(IFLA_IFNAME)) ?? '',
        mac: macIn(attributes.get(IFLA_ADDRESS)),
        mtu: numberIn(attributes.get(IFLA_MTU)) ?? 0,
        kind: textIn(info.get(IFLA_INFO_KIND)),
        slaveKind: textIn(info.get(IFLA_INFO_SLAVE_KIND)),
        master: numberIn(attributes.get(IFLA_MASTER)),
      };
    });
  return raw.map(({ slaveKind, master, ...link }) => {
    const above = raw.find((one) => one.index === master);
    const of = slaveKind ?? above?.kind;
    return { ...link, master: above && of ? { name: above.name, kind: of } : undefined };
  });
}

function textIn(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('latin1').replace(/\0.*$/s, '');
}

function numberIn(bytes: Buffer | undefined): number | undefined {
  return bytes && bytes.length >= 4 ? bytes.readUInt32LE(0) : undefined;
}

/** Tunnels have none, or another kind of address. */
function macIn(bytes: Buffer | undefined): string {
  return formatMac(bytes?.length === 6 ? bytes : Buffer.alloc(6));
}
