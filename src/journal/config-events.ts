import type { PoolRange, Profile, Reserved } from '../config/profile.ts';
import type { Problem } from '../config/settings.ts';
import type { AdapterFacts } from '../platform/adapters.ts';
import type { Master } from '../platform/links.ts';
import { formatIpv4, formatSubnet, type Ipv4 } from '../protocol/ipv4.ts';
import { faultLine } from './fault.ts';
import { error, info, type Texts, warn } from './line.ts';

/** 'no carrier': no cable, or nothing at its other end. */
export type LinkState = 'up' | 'down' | 'no carrier';

/** Configuration and the life of a service on its adapter. */
export type ConfigEvent =
  | { kind: 'config.wrong'; problems: readonly Problem[] }
  | {
      kind: 'config.adapter-missing';
      adapter: string;
      service: string;
      /** True where ADAPTER names it, false where it is the bridge that dhcp makes. */
      chosen: boolean;
      adapters: readonly AdapterFacts[];
    }
  | { kind: 'config.no-address'; adapter: string }
  /** It belongs to what takes all that arrives at it. */
  | { kind: 'config.is-port'; adapter: string; master: Master }
  /** It is served, and nobody can be heard on it; or somebody can again. */
  | { kind: 'config.link'; adapter: string; link: LinkState }
  /** ADDRESS_TFTP or ADDRESS_HTTP has come to this host, or has left it. */
  | { kind: 'config.address-moved'; address: Ipv4; here: boolean }
  | { kind: 'config.adapters-unknown'; reason: string }
  | { kind: 'config.pool-skips'; reserved: readonly Reserved[] }
  | { kind: 'config.gateway-outside'; gateway: Ipv4; subnet: string }
  | { kind: 'config.own-bridge'; adapter: string; made: boolean; adapters: readonly AdapterFacts[] }
  | { kind: 'config.bridge-failed'; adapter: string; reason: string }
  | { kind: 'config.adapter-changed'; adapter: string; what: string }
  | { kind: 'config.port-busy'; service: string; port: number; protocol: 'UDP' | 'TCP'; holder: string }
  | { kind: 'config.port-denied'; service: string; port: number; protocol: 'UDP' | 'TCP' }
  | { kind: 'config.start-failed'; service: string; reason: string }
  /** One packet, connection or request could not be dealt with. */
  | { kind: 'config.unexpected'; service: string; reason: string }
  /** Something went wrong that nobody caught: the process ends. */
  | { kind: 'config.crashed'; service: string; reason: string }
  /** `writes` is what the thread was for. */
  | { kind: 'config.thread-ended'; writes: 'leases' | 'the journal'; reason: string }
  /** The socket by which other services and health probes reach this one could not be made. */
  | { kind: 'config.no-control'; service: string; file: string; reason: string }
  /** How datagrams are received and sent; `obstacle` is why not in batches, where that was not asked for. */
  | { kind: 'config.datagrams'; service: string; way: 'batch' | 'plain'; obstacle?: string }
  | { kind: 'config.serving'; service: string; profile: Profile }
  /** Events of a kind that were too many to be told one by one. */
  | { kind: 'config.left-out'; of: string; events: number }
  | { kind: 'config.stopped'; service: string; signal: string };

export const configTexts: Texts<ConfigEvent> = {
  'config.wrong': ({ problems }) => ({
    ...error('configuration is wrong; nothing is served until it is mended:'),
    more: problems.map(problemText),
  }),
  'config.adapter-missing': ({ adapter, service, chosen, adapters }) =>
    chosen
      ? warn(
          `adapter ${adapter} (ADAPTER) is not on this host; waiting for it. Adapters here: ${listed(adapters)}`,
        )
      : info(
          `${service} waits for the bridge ${adapter}, which the dhcp service makes. To serve a real adapter, set ADAPTER (adapters here: ${listed(adapters)})`,
        ),
  'config.no-address': ({ adapter }) =>
    warn(
      `adapter ${adapter} has no IPv4 address; waiting for one. Give it one, such as: ip addr add 10.99.0.1/24 dev ${adapter}`,
    ),
  'config.is-port': ({ adapter, master }) =>
    warn(
      `adapter ${adapter} is a port of the ${master.kind} ${master.name}, which takes all that arrives at it; waiting until it is none. Serve that instead: ADAPTER=${master.name} in .env`,
    ),
  'config.link': ({ adapter, link }) => LINK_TEXTS[link](adapter),
  'config.address-moved': ({ address, here }) =>
    info(
      `${formatIpv4(address)} ${here ? 'is an address of this host now' : 'is no address of this host any more'}; starting again`,
    ),
  'config.adapters-unknown': ({ reason }) =>
    error(`the kernel does not tell which adapters there are: ${reason}; looking again every second`),
  'config.pool-skips': ({ reserved }) =>
    info(
      `pool leaves out ${reserved.map(({ address, holder }) => `${formatIpv4(address)} (${holder})`).join(', ')}`,
    ),
  'config.gateway-outside': ({ gateway, subnet }) =>
    warn(
      `GATEWAY ${formatIpv4(gateway)} is outside ${subnet}: machines cannot reach it. Set GATEWAY to an address of the subnet, or none`,
    ),
  'config.own-bridge': ({ adapter, made, adapters }) => ({
    ...info(
      `ADAPTER is unset: ${made ? 'made and serving' : 'serving'} the isolated bridge ${adapter}; it has no physical port, and nobody else's network is touched`,
    ),
    more: [
      `attach a VM: libvirt <interface type='bridge'><source bridge='${adapter}'/></interface>, or qemu -nic bridge,br=${adapter}`,
      `serve a real network instead: set ADAPTER in .env (adapters here: ${listed(adapters)})`,
    ],
  }),
  'config.bridge-failed': ({ adapter, reason }) =>
    error(
      `bridge ${adapter} could not be made: ${reason}. Run dhcp with the capability NET_ADMIN, or set ADAPTER to an adapter that exists`,
    ),
  'config.adapter-changed': ({ adapter, what }) => warn(`adapter ${adapter} ${what}; starting again on it`),
  'config.port-busy': ({ service, port, protocol, holder }) =>
    error(
      `${protocol} port ${port} is taken by ${holder}; ${service} waits until it is free. Stop that program, or keep it off this adapter`,
    ),
  'config.port-denied': ({ service, port, protocol }) =>
    error(
      `${service} may not open ${protocol} port ${port}: run it with the capability NET_BIND_SERVICE, or as root`,
    ),
  'config.start-failed': ({ service, reason }) =>
    error(`${service} could not start: ${reason}; trying again`),
  'config.unexpected': ({ service, reason }) =>
    faultLine(`${service}: a fault inside remoteboot, service goes on`, reason),
  'config.crashed': ({ service, reason }) =>
    faultLine(
      `${service}: a fault inside remoteboot, which ends it with status 1 (Docker starts it anew, leases and files are safe)`,
      reason,
    ),
  'config.thread-ended': ({ writes, reason }) =>
    faultLine(
      `the thread that writes ${writes} has ended, and the next one starts when there is something to write`,
      reason,
    ),
  'config.no-control': ({ service, file, reason }) =>
    warn(
      `the socket ${file} could not be made, so ${service} cannot be asked there (by the page, or by health probes): ${reason}. ` +
        'Put STATE_DIR on a local file system with free space, with a short path; tried again every 10 s',
    ),
  'config.datagrams': ({ service, way, obstacle }) =>
    obstacle === undefined
      ? info(`${service} receives and sends ${DATAGRAMS[way]}`)
      : warn(
          `${service} receives and sends ${DATAGRAMS.plain}, which is slower, as batches are not to be had here: ${obstacle}`,
        ),
  'config.serving': ({ service, profile }) => info(servingText(service, profile)),
  'config.left-out': ({ of, events }) =>
    info(`${events} more events of the kind ${of} were not listed one by one`),
  'config.stopped': ({ service, signal }) => info(`${service} stopped (${signal})`),
};

const LINK_TEXTS: Readonly<Record<LinkState, (adapter: string) => ReturnType<typeof warn>>> = {
  up: (adapter) => info(`adapter ${adapter} is up again`),
  down: (adapter) =>
    warn(`adapter ${adapter} is down: no machine can be heard. Bring it up: ip link set ${adapter} up`),
  'no carrier': (adapter) =>
    warn(`adapter ${adapter} has no carrier: no cable, or what is at its other end is switched off`),
};

const DATAGRAMS = {
  batch: 'datagrams in batches, many in a system call',
  plain: 'datagrams one by one',
} as const;

/** "LEASE_TIME="soon" is not a duration…  In .env: LEASE_TIME=2h" */
export function problemText({ variable, seen, reason, fix }: Problem): string {
  return `${variable}${seen ? `="${seen}"` : ''} ${reason}.  In .env: ${fix}`;
}

function servingText(service: string, profile: Profile): string {
  const { adapter, addresses, pool, subnets } = profile;
  const where = `${adapter.name} (${formatIpv4(adapter.address)}, ${formatSubnet(adapter.subnet)})`;
  const given =
    profile.mode === 'proxy'
      ? 'no addresses, as ProxyDHCP on ports 67 and 4011'
      : `pool ${rangeText(pool)}${relayedText(subnets)}, leases of ${profile.leaseTime} s`;
  const what: Record<string, string> = {
    dhcp: `${given}, TFTP ${formatIpv4(addresses.tftp)}, HTTP ${formatIpv4(addresses.http)}`,
    tftp: `${formatIpv4(addresses.tftp)} port 69, files of ${profile.paths.images}`,
    http: `http://${formatIpv4(addresses.http)}${profile.httpPort === 80 ? '' : `:${profile.httpPort}`}/, files of ${profile.paths.images}`,
  };
  return `${service} serves ${where}: ${what[service]}`;
}

function rangeText({ first, count }: PoolRange): string {
  return `${formatIpv4(first)}–${formatIpv4(first + count - 1)}`;
}

function relayedText(subnets: Profile['subnets']): string {
  const each = subnets.map(({ subnet, pool }) => `${rangeText(pool)} of ${formatSubnet(subnet)}`);
  return each.length > 0 ? `, behind relays ${each.join(', ')}` : '';
}

/** "eth0 10.0.0.5/24, eth1 (no address)", or that there is none. */
function listed(adapters: readonly AdapterFacts[]): string {
  if (adapters.length === 0) return 'none';
  return adapters
    .map(({ name, addresses, carrier }) => {
      const own =
        addresses.map(({ address, prefix }) => `${formatIpv4(address)}/${prefix}`).join(' ') ||
        '(no address)';
      return `${name} ${own}${carrier ? '' : ' (no carrier)'}`;
    })
    .join(', ');
}
