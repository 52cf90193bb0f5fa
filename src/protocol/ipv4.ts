/** An IPv4 address as an unsigned 32-bit number in host order: 10.0.0.1 is 0x0a000001. */
export type Ipv4 = number;

export const UNSPECIFIED: Ipv4 = 0;
export const BROADCAST: Ipv4 = 0xffffffff;

/** A subnet: its network address and prefix length, 0–32. */
export interface Subnet {
  readonly network: Ipv4;
  readonly prefix: number;
}

/** "10.0.0.1" → 0x0a000001; undefined for anything that is not four decimal octets. */
export function parseIpv4(text: string): Ipv4 | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let address = 0;
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return undefined;
    address = address * 256 + Number(octet);
  }
  return address;
}

export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Prefix length → netmask, 24 → 255.255.255.0. */
export function maskOf(prefix: number): Ipv4 {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

/** Netmask → prefix length; undefined where the ones are not contiguous. */
export function prefixOf(mask: Ipv4): number | undefined {
  const prefix = Math.clz32(~mask >>> 0);
  return maskOf(prefix) === mask ? prefix : undefined;
}

export function subnetOf(address: Ipv4, prefix: number): Subnet {
  return { network: (address & maskOf(prefix)) >>> 0, prefix };
}

export function contains(subnet: Subnet, address: Ipv4): boolean {
  return (address & maskOf(subnet.prefix)) >>> 0 === subnet.network;
}

/** The subnet's directed broadcast address: 10.0.0.0/24 → 10.0.0.255. */
export function broadcastOf(subnet: Subnet): Ipv4 {
  return (subnet.network | ~maskOf(subnet.prefix)) >>> 0;
}

/** True where a host of the subnet can have the address: neither the subnet's own, nor that of all its hosts (RFC 3021 has none of these). */
export function containsHost(subnet: Subnet, address: Ipv4): boolean {
  const isNobodys = address === subnet.network || address === broadcastOf(subnet);
  return contains(subnet, address) && (!isNobodys || subnet.prefix >= 31);
}

/** True where one host of some network can have the address: it is no group's and nobody's, not this host's own, and no broadcast to all. */
export function isHost(address: Ipv4): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && (first < 224 || first > 239) && address !== BROADCAST;
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIpv4(subnet.network)}/${subnet.prefix}`;
}
