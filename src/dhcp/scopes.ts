import type { PlanSettings } from '../boot/plan.ts';
import type { Profile, RelayedSubnet } from '../config/profile.ts';
import { LeaseBook } from '../leases/book.ts';
import { broadcastOf, formatIpv4, formatSubnet } from '../protocol/ipv4.ts';
import type { EngineSettings } from './question.ts';
import { Scope, type Scopes } from './scope.ts';

/** The profile as the engine needs it. */
export function scopesOf(profile: Profile, hasLoader: PlanSettings['hasLoader']): Scopes {
  const settings = localSettings(profile, hasLoader);
  return {
    local: new Scope(settings, new LeaseBook(profile.pool)),
    relayed: profile.subnets.map((subnet) => relayedScope(subnet, settings)),
  };
}

function localSettings(profile: Profile, hasLoader: PlanSettings['hasLoader']): EngineSettings {
  const { bios, x64, arm64, ia32, arm32 } = profile.loaders;
  return {
    server: profile.addresses.dhcp,
    tftp: profile.addresses.tftp,
    subnet: profile.adapter.subnet,
    leaseTime: profile.leaseTime,
    gateway: profile.gateway,
    dns: profile.dns,
    domain: profile.domain,
    authoritative: profile.authoritative,
    largerPool: (size) => `LEASE_COUNT=${2 * size}`,
    plan: {
      http: { address: profile.addresses.http, port: profile.httpPort },
      tftp: profile.addresses.tftp,
      loaders: { bios: bios.name, x64: x64.name, arm64: arm64.name, ia32: ia32.name, arm32: arm32.name },
      hasLoader,
    },
  };
}

function relayedScope({ subnet, pool, gateway, dns }: RelayedSubnet, local: EngineSettings): Scope {
  const last = Math.min(pool.first + 2 * pool.count, broadcastOf(subnet)) - 1;
  const range = `range=${formatIpv4(pool.first)}-${formatIpv4(last)}`;
  const settings: EngineSettings = {
    ...local,
    subnet,
    dns,
    gateway: gateway === 'relay' ? undefined : gateway,
    // Others may serve that subnet too.
    authoritative: false,
    largerPool: () => `SUBNETS='${formatSubnet(subnet)} ${range}'`,
  };
  return new Scope(settings, new LeaseBook(pool), gateway === 'relay' ? 'relay' : 'as-set');
}
