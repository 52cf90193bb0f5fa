import { attributesIn, NETLINK, type NetlinkMessage, netlinkDump } from './netlink.ts';

/** How an adapter is made and what it belongs to (linux/if_link.h). Unlike /sys, this is of the network that the process itself is in. */
export interface Link {
  readonly name: string;
  readonly index: number;
  /** bridge, bond, veth, vlan …; undefined for hardware. */
  readonly kind: string | undefined;
  /** What takes over the frames that arrive: a bridge, a bond, a team, a VRF. */
  readonly master: { readonly name: string; readonly kind: string } | undefined;
}

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFINFOMSG = 16;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_SLAVE_KIND = 4;

/** Every adapter. @throws SystemCallError where the kernel does not tell. */
export async function listLinks(): Promise<Link[]> {
  return linksIn(await netlinkDump(NETLINK.route, RTM_GETLINK, Buffer.alloc(IFINFOMSG)));
}

export function linksIn(messages: readonly NetlinkMessage[]): Link[] {
  const raw = messages
    .filter(({ type, body }) => type === RTM_NEWLINK && body.length >= IFINFOMSG)
    .map(({ body }) => {
      const attributes = attributesIn(body.subarray(IFINFOMSG));
      const info = attributesIn(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
      return {
        index: body.readInt32LE(4),
        name: textIn(attributes.get(IFLA_IFNAME)) ?? '',
        kind: textIn(info.get(IFLA_INFO_KIND)),
        slaveKind: textIn(info.get(IFLA_INFO_SLAVE_KIND)),
        master: attributes.get(IFLA_MASTER)?.readUInt32LE(0),
      };
    });
  return raw.map(({ index, name, kind, slaveKind, master }) => {
    const above = raw.find((one) => one.index === master);
    const of = slaveKind ?? above?.kind;
    return { index, name, kind, master: above && of ? { name: above.name, kind: of } : undefined };
  });
}

function textIn(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('latin1').replace(/\0.*$/s, '');
}
