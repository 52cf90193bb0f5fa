import { broadcastOf, contains, formatIpv4, formatSubnet, type Ipv4, type Subnet } from '../protocol/ipv4.ts';
import type { PoolRange, Reserved } from './profile.ts';
import { exampleLine, type Problem } from './settings.ts';

const DEFAULT_COUNT = 20;

/** What a pool is made from: the adapter's subnet, the user's wishes, and the addresses that others hold. */
export interface PoolRequest {
  readonly subnet: Subnet;
  readonly start: Ipv4 | undefined;
  readonly count: number | undefined;
  /** Without a count: as many as this, or as there are; 20 where it is left out. */
  readonly upTo?: number | undefined;
  readonly reserved: readonly Reserved[];
}

export type PoolResult = { readonly pool: PoolRange } | { readonly problem: Problem };

/**
 * Lays the pool into the subnet. A count that the user gave is kept to the letter or refused; the default of 20 shrinks
 * to what there is. Reserved addresses inside a stretch that the user chose are skipped, and said by the caller.
 */
export function layPool(request: PoolRequest): PoolResult {
  const first = request.subnet.network + 1;
  const last = broadcastOf(request.subnet) - 1;
  const wanted = request.count ?? request.upTo ?? DEFAULT_COUNT;
  if (last < first) {
    return refuse(
      'ADAPTER',
      '',
      `has ${formatSubnet(request.subnet)}, which has no room for other machines`,
      exampleLine('ADAPTER'),
    );
  }
  return request.start === undefined
    ? freeStretch(request, first, last, wanted)
    : stretchFrom(request, request.start, last, wanted);
}

function stretchFrom(request: PoolRequest, start: Ipv4, last: Ipv4, wanted: number): PoolResult {
  const { subnet } = request;
  if (!contains(subnet, start)) {
    const reason = `is outside ${formatSubnet(subnet)}, the adapter's subnet`;
    return refuse('START_ADDRESS', formatIpv4(start), reason, `START_ADDRESS=${suggestion(request)}`);
  }
  const room = last - start + 1;
  if (request.count !== undefined && request.count > room) {
    const reason = `reaches past the end of ${formatSubnet(subnet)}: from ${formatIpv4(start)} there are ${Math.max(room, 0)} addresses`;
    return refuse('LEASE_COUNT', String(request.count), reason, `LEASE_COUNT=${Math.max(room, 1)}`);
  }
  const count = Math.min(wanted, room);
  const end = start + count;
  const reserved = [...request.reserved, ...networkAddress(subnet)].filter(
    ({ address }) => address >= start && address < end,
  );
  if (count <= 0 || new Set(reserved.map((r) => r.address)).size >= count) {
    const reason =
      'leaves no address for machines: all of the pool is taken by the server, the gateway or the network itself';
    return refuse('START_ADDRESS', formatIpv4(start), reason, `START_ADDRESS=${suggestion(request)}`);
  }
  return { pool: { first: start, count, reserved } };
}

/** The first run of `wanted` addresses that nobody holds; without one, the longest if the user gave no count. */
function freeStretch(request: PoolRequest, first: Ipv4, last: Ipv4, wanted: number): PoolResult {
  const stops = [...new Set(request.reserved.map((r) => r.address)), last + 1]
    .filter((address) => address >= first && address <= last + 1)
    .sort((a, b) => a - b);
  let longest = { first, count: 0 };
  let from = first;
  for (const stop of stops) {
    const count = stop - from;
    if (count >= wanted) return { pool: { first: from, count: wanted, reserved: [] } };
    if (count > longest.count) longest = { first: from, count };
    from = stop + 1;
  }
  if (request.count === undefined && longest.count > 0) return { pool: { ...longest, reserved: [] } };
  const reason = `is more than ${formatSubnet(request.subnet)} has in one stretch (${longest.count} addresses)`;
  return refuse('LEASE_COUNT', String(wanted), reason, `LEASE_COUNT=${Math.max(longest.count, 1)}`);
}

function suggestion(request: PoolRequest): string {
  const free = layPool({ ...request, start: undefined, count: undefined });
  return formatIpv4('pool' in free ? free.pool.first : request.subnet.network + 1);
}

function networkAddress(subnet: Subnet): Reserved[] {
  return [{ address: subnet.network, holder: 'the network itself' }];
}

function refuse(variable: Problem['variable'], seen: string, reason: string, fix: string): PoolResult {
  return { problem: { variable, seen, reason, fix } };
}
