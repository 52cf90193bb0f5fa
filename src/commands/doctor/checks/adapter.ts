import { existsSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../../../assets/nearest.ts';
import type { AdapterFacts } from '../../../platform/adapters.ts';
import type { Link } from '../../../platform/links.ts';
import { formatIpv4, formatSubnet, maskOf, subnetOf } from '../../../protocol/ipv4.ts';
import type { ReportLine } from '../../report.ts';
import { check, type Patient } from '../check.ts';
import { intoEnv, quoted, UP } from '../mending.ts';

export interface Facts {
  readonly name: string;
  /** False for the bridge that dhcp makes by itself. */
  readonly chosen: boolean;
  readonly adapters: readonly AdapterFacts[];
  /** Takes over the frames that arrive. */
  readonly port: Link['master'];
  readonly kind: 'bridge' | 'wireless' | 'other';
}

export const adapter = check('adapter', 'Adapter', gather, judge);

function gather({ adapter: name, settings, adapters, links }: Patient): Facts {
  const link = links.find((one) => one.name === name);
  const at = path.join('/sys/class/net', name);
  const wireless = existsSync(path.join(at, 'wireless')) || existsSync(path.join(at, 'phy80211'));
  const kind = link?.kind === 'bridge' ? 'bridge' : wireless ? 'wireless' : 'other';
  // An adapter in a VRF hears its own frames all the same.
  const port = link?.master?.kind === 'vrf' ? undefined : link?.master;
  return { name, chosen: settings.ADAPTER !== undefined, adapters, port, kind };
}

export function judge(facts: Facts): ReportLine[] {
  const { name, chosen, adapters } = facts;
  const found = adapters.find((one) => one.name === name);
  if (!found) return [chosen ? missing(name, adapters) : notMade(name)];
  return [upLine(found), ...(found.up ? [carrierLine(found, facts)] : []), addressLine(found), ...odd(facts)];
}

function missing(name: string, adapters: readonly AdapterFacts[]): ReportLine {
  const names = adapters.map((one) => one.name);
  const meant = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined);
  return {
    state: 'fail',
    what: name,
    detail: `is not on this host. Adapters here: ${names.join(', ') || 'none'}`,
    remedy: `set ADAPTER in .env to one of them${meant ? `, such as ADAPTER=${meant}` : ''}`,
    ...(meant ? { command: intoEnv(`ADAPTER=${meant}`) } : {}),
  };
}

function notMade(name: string): ReportLine {
  return {
    state: 'fail',
    what: name,
    detail: 'is not there: dhcp makes it when it starts, and ADAPTER is unset',
    remedy: 'start the services, or set ADAPTER in .env to an adapter of this host',
    command: UP,
  };
}

function upLine({ name, up, mtu, mac }: AdapterFacts): ReportLine {
  if (up) return { state: 'ok', what: name, detail: `is up (${mac}, MTU ${mtu})` };
  return { state: 'fail', what: name, detail: 'is down', command: `sudo ip link set ${quoted(name)} up` };
}

function carrierLine({ name, carrier }: AdapterFacts, { chosen, kind }: Facts): ReportLine {
  if (carrier) return { state: 'ok', what: 'link', detail: 'carrier: something is plugged in' };
  if (kind === 'bridge')
    return {
      state: chosen ? 'warn' : 'ok',
      what: 'link',
      detail: `no machine is attached to the bridge ${name} at this moment`,
      ...(chosen ? { remedy: `give it a port that is up: sudo ip link set PORT master ${name}` } : {}),
    };
  return {
    state: 'fail',
    what: 'link',
    detail: 'no carrier: no cable, or what is at its other end is switched off',
    remedy: 'plug the cable in; on a cable straight to one machine, switch that machine on',
  };
}

/** 169.254.0.0/16: what a host gives itself when no server has answered it. */
const LINK_LOCAL = { network: 0xa9fe0000, prefix: 16 } as const;

function addressLine({ name, addresses }: AdapterFacts): ReportLine {
  const [first] = addresses;
  const give = `sudo ip addr add 10.99.0.1/24 dev ${quoted(name)}`;
  if (!first)
    return {
      state: 'fail',
      what: 'address',
      detail: `${name} has no IPv4 address`,
      remedy: 'give it one of the network that it is on; on a network of its own, for example',
      command: give,
    };
  const all = addresses.map(({ address, prefix }) => `${formatIpv4(address)}/${prefix}`).join(', ');
  const mask = `mask ${formatIpv4(maskOf(first.prefix))}`;
  if (first.prefix > 30)
    return {
      state: 'fail',
      what: 'address',
      detail: `${all} (${mask}) leaves no room for machines`,
      remedy: 'give the adapter an address with the mask of its network, 24 for most',
      command: `sudo ip addr change ${formatIpv4(first.address)}/24 dev ${quoted(name)} && sudo ip addr del ${formatIpv4(first.address)}/${first.prefix} dev ${quoted(name)}`,
    };
  const selfGiven = addresses.every(
    ({ address }) => subnetOf(address, LINK_LOCAL.prefix).network === LINK_LOCAL.network,
  );
  if (selfGiven)
    return {
      state: 'warn',
      what: 'address',
      detail: `${all} is what a host gives itself when no DHCP server answers it: a network manager still looks for one`,
      remedy: 'give the adapter a fixed address',
      command: give,
    };
  const subnet = formatSubnet(subnetOf(first.address, first.prefix));
  return { state: 'ok', what: 'address', detail: `${all}: serves ${subnet}, ${mask}` };
}

/** docker0, and the bridges of its networks. */
const DOCKERS = /^(docker\d+|br-[0-9a-f]{12})$/;

function odd({ name, port, kind }: Facts): ReportLine[] {
  const lines: ReportLine[] = [];
  if (port)
    lines.push({
      state: 'fail',
      what: 'master',
      detail: `${name} is a port of the ${port.kind} ${port.name}, which takes what arrives at it`,
      remedy: `serve ${port.name} instead: ADAPTER=${port.name} in .env`,
      command: intoEnv(`ADAPTER=${port.name}`),
    });
  if (kind === 'wireless')
    lines.push({
      state: 'warn',
      what: 'wireless',
      detail: `${name} is wireless: firmware boots over cables, and access points keep broadcasts from each other's machines`,
      remedy: 'set ADAPTER to an adapter with a cable',
    });
  if (DOCKERS.test(name))
    lines.push({
      state: 'warn',
      what: 'docker',
      detail: `${name} is Docker's own bridge: its containers would be offered addresses and a boot file`,
      remedy: 'set ADAPTER to an adapter of your own, or leave it unset for the bridge remoteboot0',
    });
  return lines;
}
