import type { ConfigEvent } from '../journal/config-events.ts';
import type { AdapterFacts } from '../platform/adapters.ts';
import { contains, formatIpv4, formatSubnet, type Ipv4, subnetOf } from '../protocol/ipv4.ts';
import { loaderSources } from './loader-sources.ts';
import { layPool } from './pool.ts';
import type { Adapter, Paths, PoolRange, Profile, Reserved } from './profile.ts';
import { relayedSubnets } from './relayed.ts';
import type { Problem, Settings } from './settings.ts';

/** The isolated bridge that is made and served when ADAPTER is unset. */
export const DEFAULT_BRIDGE = { name: 'remoteboot0', address: 0x0a630001, prefix: 24 } as const;

export type Service = 'dhcp' | 'tftp' | 'http';

/** What the settings come to on this host at this moment. */
export type Resolution =
  | { readonly state: 'ready'; readonly profile: Profile; readonly notes: readonly ConfigEvent[] }
  /** Nothing is wrong with the settings, but the adapter or its address is not there yet. */
  | { readonly state: 'waiting'; readonly event: ConfigEvent }
  | { readonly state: 'wrong'; readonly problems: readonly Problem[] };

/**
 * Fills in every default from the adapter as it is now. Pure: `adapters` is what the host has.
 * The pool and the server identifier are checked for the dhcp service alone, so that each fault is told once.
 */
export function resolve(
  settings: Settings,
  adapters: readonly AdapterFacts[],
  paths: Paths,
  service: Service,
): Resolution {
  const name = settings.ADAPTER ?? DEFAULT_BRIDGE.name;
  const facts = adapters.find((adapter) => adapter.name === name);
  // The own bridge is brought up when it has its address and its mask: before, they are another's half.
  const isMade = facts && (facts.up || settings.ADAPTER !== undefined);
  if (!isMade)
    return {
      state: 'waiting',
      event: {
        kind: 'config.adapter-missing',
        adapter: name,
        service,
        adapters,
        chosen: settings.ADAPTER !== undefined,
      },
    };
  // An adapter in a VRF hears its own frames all the same.
  const { master } = facts;
  if (master && master.kind !== 'vrf')
    return { state: 'waiting', event: { kind: 'config.is-port', adapter: name, master } };
  const own = facts.addresses.find(({ address }) => address === settings.ADDRESS_DHCP) ?? facts.addresses[0];
  if (!own) return { state: 'waiting', event: { kind: 'config.no-address', adapter: name } };

  const adapter: Adapter = { ...facts, address: own.address, subnet: subnetOf(own.address, own.prefix) };
  const dhcp = settings.ADDRESS_DHCP ?? own.address;
  const addresses = { dhcp, tftp: settings.ADDRESS_TFTP ?? dhcp, http: settings.ADDRESS_HTTP ?? dhcp };
  const gateway = settings.GATEWAY === 'none' ? undefined : (settings.GATEWAY ?? dhcp);
  const dns = settings.DNS === 'none' ? [] : (settings.DNS ?? [dhcp]);
  const laid = layPool({
    subnet: adapter.subnet,
    start: settings.START_ADDRESS,
    count: settings.LEASE_COUNT,
    reserved: holders(adapter, addresses, gateway, dns),
  });
  const relayed = relayedSubnets(settings, adapter, addresses, dns);
  // A proxy gives no addresses: whether there are any to give is nothing to it.
  const pools = settings.MODE === 'proxy' ? [] : ['problem' in laid ? [laid.problem] : [], relayed.problems];
  const problems = service === 'dhcp' ? [...foreignServer(settings, adapter), ...pools.flat()] : [];
  if (problems.length > 0) return { state: 'wrong', problems };
  const pool: PoolRange = 'pool' in laid ? laid.pool : { first: 0, count: 0, reserved: [] };
  const profile: Profile = {
    adapter,
    mode: settings.MODE,
    addresses,
    pool,
    subnets: relayed.subnets,
    leaseTime: settings.LEASE_TIME,
    newLeaseTime: settings.NEW_LEASE_TIME,
    offerLimit: settings.OFFER_LIMIT,
    gateway,
    dns,
    domain: settings.DOMAIN,
    loaders: loaderSources(settings),
    boot: { kernel: settings.KERNEL, initrd: settings.INITRD, cmdline: settings.CMDLINE },
    httpPort: settings.HTTP_PORT,
    tftpPorts: settings.TFTP_PORTS,
    tftpClients: tftpClients(settings),
    limits: {
      tftp: { all: settings.TFTP_TRANSFERS, perAddress: settings.TFTP_TRANSFERS_PER_ADDRESS },
      http: { all: settings.HTTP_CONNECTIONS, perAddress: settings.HTTP_CONNECTIONS_PER_ADDRESS },
      listeners: settings.EVENT_LISTENERS,
    },
    routerAdvertisements: advertises(settings),
    paths,
    authoritative: settings.ADAPTER === undefined,
  };
  return { state: 'ready', profile, notes: service === 'dhcp' ? notesOn(profile) : [] };
}

/** A network of somebody else's may have real routers, and is left alone unless told otherwise. */
function advertises({ ADAPTER, ROUTER_ADVERTISEMENTS }: Settings): boolean {
  return ROUTER_ADVERTISEMENTS === 'auto' ? ADAPTER === undefined : ROUTER_ADVERTISEMENTS === 'on';
}

/** Where another server gives the addresses, only that one knows where machines are. */
function tftpClients({ TFTP_CLIENTS, MODE }: Settings): Profile['tftpClients'] {
  if (TFTP_CLIENTS !== 'auto') return TFTP_CLIENTS;
  return MODE === 'server' ? 'served' : 'any';
}

/** Every address that a machine must not be given, with a name for its holder. */
function holders(
  adapter: Adapter,
  addresses: Profile['addresses'],
  gateway: Ipv4 | undefined,
  dns: readonly Ipv4[],
): Reserved[] {
  return [
    ...adapter.addresses.map(({ address }) => ({ address, holder: 'this server' })),
    { address: addresses.dhcp, holder: 'this server (ADDRESS_DHCP)' },
    { address: addresses.tftp, holder: 'the TFTP server (ADDRESS_TFTP)' },
    { address: addresses.http, holder: 'the HTTP server (ADDRESS_HTTP)' },
    ...(gateway === undefined ? [] : [{ address: gateway, holder: 'the gateway (GATEWAY)' }]),
    ...dns.map((address) => ({ address, holder: 'a DNS server (DNS)' })),
  ];
}

function foreignServer(settings: Settings, adapter: Adapter): Problem[] {
  const wanted = settings.ADDRESS_DHCP;
  if (wanted === undefined || adapter.addresses.some(({ address }) => address === wanted)) return [];
  const own = adapter.addresses.map(({ address }) => formatIpv4(address)).join(', ');
  const reason = `is not an address of ${adapter.name} (${own}): machines would renew their leases with another host`;
  return [
    {
      variable: 'ADDRESS_DHCP',
      seen: formatIpv4(wanted),
      reason,
      fix: `ADDRESS_DHCP=${formatIpv4(adapter.address)}`,
    },
  ];
}

function notesOn(profile: Profile): ConfigEvent[] {
  if (profile.mode === 'proxy') return [];
  const { adapter, gateway, pool, subnets } = profile;
  const notes: ConfigEvent[] = [];
  const pools = [pool, ...subnets.map((relayed) => relayed.pool)];
  const skipped = new Map(pools.flatMap(({ reserved }) => reserved.map((one) => [one.address, one])));
  if (skipped.size > 0) notes.push({ kind: 'config.pool-skips', reserved: [...skipped.values()] });
  if (gateway !== undefined && !contains(adapter.subnet, gateway)) {
    notes.push({ kind: 'config.gateway-outside', gateway, subnet: formatSubnet(adapter.subnet) });
  }
  return notes;
}
