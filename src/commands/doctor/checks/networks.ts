import { overlap } from '../../../config/subnets.ts';
import { broadcastOf, formatIpv4, formatSubnet, type Subnet, subnetOf } from '../../../protocol/ipv4.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';

export interface NetworkFacts {
  readonly adapter: string;
  /** What machines get addresses of: the adapter's own, and those behind relays. */
  readonly served: readonly { readonly subnet: Subnet; readonly relayed: boolean }[];
  /** Of the host's other adapters. */
  readonly others: readonly { readonly adapter: string; readonly address: number; readonly prefix: number }[];
}

export const networks = check('networks', 'Networks', gather, judge);

function gather({ adapter, adapters, resolution, settings }: Patient): NetworkFacts {
  const own = adapters.find(({ name }) => name === adapter)?.addresses ?? [];
  const relayed = resolution.state === 'ready' ? settings.SUBNETS : [];
  return {
    adapter,
    served: [
      ...own.map(({ address, prefix }) => ({ subnet: subnetOf(address, prefix), relayed: false })),
      ...relayed.map(({ subnet }) => ({ subnet, relayed: true })),
    ],
    others: adapters
      .filter(({ name }) => name !== adapter)
      .flatMap(({ name, addresses }) => addresses.map((one) => ({ adapter: name, ...one }))),
  };
}

export function judge({ adapter, served, others }: NetworkFacts): ReportLine[] {
  const clashes = served.flatMap(({ subnet, relayed }) =>
    others
      .filter(({ address, prefix }) => overlap(subnetOf(address, prefix), subnet))
      .map((other): ReportLine => {
        const theirs = subnetOf(other.address, other.prefix);
        const ours = relayed ? `${formatSubnet(subnet)} of SUBNETS` : `${formatSubnet(subnet)} of ${adapter}`;
        return {
          state: 'fail',
          what: other.adapter,
          detail: `${formatSubnet(theirs)} of ${other.adapter} overlaps ${ours}: what is meant for machines in ${overlapText(subnet, theirs)} leaves by the wrong adapter`,
          ...mending(other),
        };
      }),
  );
  if (clashes.length > 0) return clashes;
  const ours = served.map(({ subnet }) => formatSubnet(subnet)).join(', ');
  const detail =
    served.length === 0
      ? 'nothing is served yet'
      : others.length === 0
        ? `${ours}: this host has no other network`
        : `${ours} overlaps no other network of this host (${others.map((one) => `${one.adapter} ${formatSubnet(subnetOf(one.address, one.prefix))}`).join(', ')})`;
  return [{ state: served.length === 0 ? 'note' : 'ok', what: 'overlap', detail }];
}

function overlapText(a: Subnet, b: Subnet): string {
  const smaller = a.prefix > b.prefix ? a : b;
  return `${formatIpv4(smaller.network)}–${formatIpv4(broadcastOf(smaller))}`;
}

function mending({ adapter, address, prefix }: NetworkFacts['others'][number]) {
  const id = /^br-([0-9a-f]{12})$/.exec(adapter)?.[1];
  if (id)
    return {
      remedy:
        'remove that network of Docker, or make it anew with another --subnet; "default-address-pools" in /etc/docker/daemon.json keeps Docker away for good',
      command: `docker network rm ${id}`,
    };
  if (adapter === 'docker0')
    return {
      remedy:
        'give Docker another network: {"bip": "172.29.0.1/24"} in /etc/docker/daemon.json, then restart it',
      command: 'sudo systemctl restart docker',
    };
  return {
    remedy: 'give one of the two another subnet; or, where that other adapter does not need its address',
    command: `sudo ip addr del ${formatIpv4(address)}/${prefix} dev ${adapter}`,
  };
}
