import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { contains, prefixOf, type Subnet, subnetOf } from '../protocol/ipv4.ts';

export interface Route {
  readonly adapter: string;
  readonly to: Subnet;
}

/** The kernel's main routing table; empty where it cannot be read. */
export function listRoutes(): Route[] {
  try {
    return parseRoutes(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    return [];
  }
}

/** True where packets that may leave by this adapter alone have a way to the whole subnet. */
export function isRouted(subnet: Subnet, adapter: string, routes: readonly Route[]): boolean {
  return routes.some(
    (route) =>
      route.adapter === adapter && route.to.prefix <= subnet.prefix && contains(route.to, subnet.network),
  );
}

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

/** Columns: Iface Destination Gateway Flags RefCnt Use Metric Mask …; addresses in hex as they lie in memory. */
export function parseRoutes(table: string, order: 'LE' | 'BE' = endianness()): Route[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  return rows.flatMap(([adapter = '', to = '', , flags = '', , , , mask = '']) => {
    const bits = Number.parseInt(flags, 16);
    const prefix = prefixOf(addressIn(mask, order));
    if (!(bits & RTF_UP) || bits & RTF_REJECT || prefix === undefined) return [];
    return [{ adapter, to: subnetOf(addressIn(to, order), prefix) }];
  });
}

function addressIn(hex: string, order: 'LE' | 'BE'): number {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length !== 4) return 0;
  return order === 'LE' ? bytes.readUInt32LE() : bytes.readUInt32BE();
}
