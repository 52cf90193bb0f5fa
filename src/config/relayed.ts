import type { AdapterFacts } from '../platform/adapters.ts';
import { broadcastOf, formatSubnet, subnetOf } from '../protocol/ipv4.ts';
import { layPool } from './pool.ts';
import type { PoolRange, Profile, RelayedSubnet, Reserved } from './profile.ts';
import { exampleLine, type Problem, type Settings } from './settings.ts';
import { overlap, type SubnetWish, subnetText } from './subnets.ts';

/** The subnets behind relays with every default filled in, and what is wrong with them on this host. */
export function relayedSubnets(
  settings: Settings,
  adapter: AdapterFacts,
  addresses: Profile['addresses'],
  dns: Profile['dns'],
): { subnets: readonly RelayedSubnet[]; problems: readonly Problem[] } {
  const subnets: RelayedSubnet[] = [];
  const problems: Problem[] = [];
  for (const wish of settings.SUBNETS) {
    const own = adapter.addresses.find(({ address, prefix }) =>
      overlap(subnetOf(address, prefix), wish.subnet),
    );
    const servers = wish.dns === 'none' ? [] : (wish.dns ?? dns);
    const pool = layRelayed(wish, holders(wish, addresses, servers), settings.LEASE_COUNT);
    if (own) {
      const here = formatSubnet(subnetOf(own.address, own.prefix));
      const reason = `has ${formatSubnet(wish.subnet)}, which overlaps ${here}, the subnet of ${adapter.name} itself: its pool is set by START_ADDRESS and LEASE_COUNT`;
      problems.push(wrong(settings, reason, without(settings, wish)));
    } else if (!pool) {
      const reason = `leaves no address for machines in ${formatSubnet(wish.subnet)}: the gateway and the servers have them all`;
      const roomier = {
        ...wish,
        range: { first: wish.subnet.network + 1, last: broadcastOf(wish.subnet) - 1 },
      };
      const fix = wish.range
        ? line(settings.SUBNETS.map((one) => (one === wish ? roomier : one)))
        : without(settings, wish);
      problems.push(wrong(settings, reason, fix));
    } else {
      const gateway = wish.gateway === 'none' ? undefined : (wish.gateway ?? 'relay');
      subnets.push({ subnet: wish.subnet, pool, gateway, dns: servers, relays: wish.relays });
    }
  }
  return { subnets, problems };
}

/** A range that the user chose is kept to the letter; the one found by itself is as long as the local one, or as there is room. */
function layRelayed(
  { subnet, range, gateway }: SubnetWish,
  taken: readonly Reserved[],
  count: number | undefined,
): PoolRange | undefined {
  if (range) {
    const reserved = taken.filter(({ address }) => address >= range.first && address <= range.last);
    const length = range.last - range.first + 1;
    return reserved.length < length ? { first: range.first, count: length, reserved } : undefined;
  }
  // The router is not known before its relay asks, and most often has the first address.
  const router: Reserved[] =
    gateway === undefined ? [{ address: subnet.network + 1, holder: 'the router, most often' }] : [];
  const laid = layPool({
    subnet,
    start: undefined,
    count: undefined,
    upTo: count,
    reserved: [...taken, ...router],
  });
  return 'pool' in laid ? laid.pool : undefined;
}

function holders(
  { subnet, gateway }: SubnetWish,
  addresses: Profile['addresses'],
  dns: Profile['dns'],
): Reserved[] {
  const held: Reserved[] = [
    ...(typeof gateway === 'number' ? [{ address: gateway, holder: 'the gateway (SUBNETS)' }] : []),
    ...dns.map((address) => ({ address, holder: `a DNS server of ${formatSubnet(subnet)}` })),
    { address: addresses.tftp, holder: 'the TFTP server (ADDRESS_TFTP)' },
    { address: addresses.http, holder: 'the HTTP server (ADDRESS_HTTP)' },
  ];
  return [...new Map(held.map((one) => [one.address, one])).values()];
}

function without({ SUBNETS }: Settings, wish: SubnetWish): string {
  const rest = SUBNETS.filter((one) => one !== wish);
  return rest.length > 0 ? line(rest) : exampleLine('SUBNETS');
}

function wrong({ SUBNETS }: Settings, reason: string, fix: string): Problem {
  return { variable: 'SUBNETS', seen: SUBNETS.map(subnetText).join('; '), reason, fix };
}

function line(wishes: readonly SubnetWish[]): string {
  return `SUBNETS='${wishes.map(subnetText).join('; ')}'`;
}
