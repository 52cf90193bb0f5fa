import { readFileSync } from 'node:fs';
import { isRouted, listRoutes, type Route } from '../../../platform/routes.ts';
import { formatSubnet, type Subnet } from '../../../protocol/ipv4.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { quoted } from '../mending.ts';

export interface RoutingFacts {
  readonly adapter: string;
  /** Subnets behind relays. */
  readonly subnets: readonly Subnet[];
  readonly routes: readonly Route[];
  /** Values of sysctls below /proc/sys/net; undefined where the kernel has none. */
  readonly strictReversePath: boolean;
  readonly forwards: boolean;
  /** Machines are given this host as their router. */
  readonly isGateway: boolean;
  readonly advertises: boolean;
  readonly ipv6: boolean;
}

export const relays = check('routing', 'Routing', gather, judge);

function gather({ adapter, resolution, settings }: Patient): RoutingFacts {
  const profile = resolution.state === 'ready' ? resolution.profile : undefined;
  const ipv4 = (name: string) => sysctl(`ipv4/conf/${name}/rp_filter`) ?? 0;
  return {
    adapter,
    subnets: settings.SUBNETS.map(({ subnet }) => subnet),
    routes: listRoutes(),
    // The kernel takes the larger of the two.
    strictReversePath: Math.max(ipv4('all'), ipv4(adapter)) === 1,
    forwards: sysctl('ipv4/ip_forward') === 1,
    isGateway:
      profile !== undefined && profile.mode !== 'proxy' && profile.gateway === profile.adapter.address,
    advertises: profile?.routerAdvertisements ?? false,
    ipv6: sysctl(`ipv6/conf/${adapter}/disable_ipv6`) === 0,
  };
}

function sysctl(name: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/sys/net/${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}

export function judge(facts: RoutingFacts): ReportLine[] {
  const { adapter, subnets, isGateway, forwards, advertises, ipv6 } = facts;
  const lines = subnets.map((subnet) => subnetLine(subnet, facts));
  if (subnets.length === 0)
    lines.push({ state: 'ok', what: 'relays', detail: 'no SUBNETS behind relays: no routes are needed' });
  if (isGateway && !forwards)
    lines.push({
      state: 'note',
      what: 'router',
      detail:
        'machines are given this host as their router (GATEWAY), and it forwards nothing: they reach this host, and no further',
      remedy: 'where they should get further, let this host forward, or name the real router with GATEWAY',
    });
  if (advertises && !ipv6)
    lines.push({
      state: 'warn',
      what: 'IPv6',
      detail: `switched off on ${adapter}: older iPXE waits 13 s a stage for a router's answer, which cannot be given`,
      command: `sudo sysctl -w net.ipv6.conf.${adapter}.disable_ipv6=0`,
    });
  return lines;
}

function subnetLine(subnet: Subnet, { adapter, routes, strictReversePath }: RoutingFacts): ReportLine {
  const what = formatSubnet(subnet);
  const at = quoted(adapter);
  if (isRouted(subnet, adapter, routes)) return { state: 'ok', what, detail: `is reached over ${adapter}` };
  const strict = strictReversePath
    ? ', and what comes from there is dropped as well (rp_filter is strict)'
    : '';
  return {
    state: 'fail',
    what,
    detail: `(SUBNETS) has no route over ${adapter}: answers to its relay and its machines do not arrive${strict}`,
    remedy: 'add one, with the router that leads there',
    command: `sudo ip route add ${what} via ROUTER dev ${at}`,
  };
}
