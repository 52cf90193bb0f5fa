import type { PlanSettings } from '../boot/plan.ts';
import type { PoolRange, Profile, RelayedSubnet } from '../config/profile.ts';
import { Asks } from '../leases/asks.ts';
import { type Admission, LeaseBook } from '../leases/book.ts';
import { broadcastOf, formatIpv4, formatSubnet, type Subnet } from '../protocol/ipv4.ts';
import type { EngineSettings } from './question.ts';
import { Scope, type Scopes } from './scope.ts';

/**
 * The profile as the engine needs it.
 *
 * @param random from 0 up to 1.
 */
export function scopesOf(
  profile: Profile,
  hasLoader: PlanSettings['hasLoader'],
  random: () => number,
): Scopes {
  const settings = localSettings(profile, hasLoader);
  const admission: Admission = { limit: profile.offerLimit, asks: new Asks(random() * 2 ** 32) };
  return {
    local: new Scope(settings, new LeaseBook(profile.pool, admission)),
    relayed: profile.subnets.map((subnet) => relayedScope(subnet, settings, admission)),
  };
}

/** What is answered on the adapter's own subnet. */
export function localSettings(profile: Profile, hasLoader: PlanSettings['hasLoader']): EngineSettings {
  const { bios, x64, arm64, ia32, arm32 } = profile.loaders;
  return {
    server: profile.addresses.dhcp,
    tftp: profile.addresses.tftp,
    subnet: profile.adapter.subnet,
    leaseTime: profile.leaseTime,
    newLeaseTime: profile.newLeaseTime,
    gateway: profile.gateway,
    dns: profile.dns,
    domain: profile.domain,
    authoritative: profile.authoritative,
    largerPool: (size) => `LEASE_COUNT=${2 * size}`,
    served: {
      subnets: [profile.adapter.subnet, ...profile.subnets.map(({ subnet }) => subnet)],
      relays: profile.subnets.flatMap(({ relays }) => relays),
      own: [profile.addresses.dhcp, ...profile.adapter.addresses.map(({ address }) => address)],
    },
    plan: {
      http: { address: profile.addresses.http, port: profile.httpPort },
      tftp: profile.addresses.tftp,
      loaders: { bios: bios.name, x64: x64.name, arm64: arm64.name, ia32: ia32.name, arm32: arm32.name },
      hasLoader,
    },
  };
}

function relayedScope(
  { subnet, pool, gateway, dns, relays }: RelayedSubnet,
  local: EngineSettings,
  admission: Admission,
): Scope {
  const settings: EngineSettings = {
    ...local,
    subnet,
    dns,
    gateway: gateway === 'relay' ? undefined : gateway,
    // Others may serve that subnet too.
    authoritative: false,
    largerPool: () => largerRange(subnet, pool),
  };
  return new Scope(
    settings,
    new LeaseBook(pool, admission),
    gateway === 'relay' ? 'relay' : 'as-set',
    relays,
  );
}

/** Twice as long; towards the subnet's begin where there is no room at its end. */
function largerRange(subnet: Subnet, { first, count }: PoolRange): string {
  const last = Math.min(first + 2 * count, broadcastOf(subnet)) - 1;
  const from = Math.min(first, Math.max(subnet.network + 1, last + 1 - 2 * count));
  return `SUBNETS='… ${formatSubnet(subnet)} range=${formatIpv4(from)}-${formatIpv4(last)} …'`;
}
