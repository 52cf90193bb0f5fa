import type { Profile } from '../config/profile.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { isRouted, type Route } from '../platform/routes.ts';
import { formatSubnet } from '../protocol/ipv4.ts';

/** Subnets whose answers go astray: the socket is bound to the adapter, so a default route over another one is no way there. */
export function missingRoutes(
  { adapter, subnets }: Pick<Profile, 'adapter' | 'subnets'>,
  routes: readonly Route[],
): DhcpEvent[] {
  return subnets
    .filter(({ subnet }) => !isRouted(subnet, adapter.name, routes))
    .map(({ subnet }) => ({
      kind: 'dhcp.no-route',
      subnet: formatSubnet(subnet),
      adapter: adapter.name,
    }));
}
