import type { AdapterFacts } from '../platform/adapters.ts';
import type { Ipv4, Subnet } from '../protocol/ipv4.ts';
import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';

/** The adapter that is served, with the address and the mask that it really has. */
export interface Adapter extends AdapterFacts {
  readonly address: Ipv4;
  readonly subnet: Subnet;
}

/** An address inside the pool that is never given out, and what holds it. */
export interface Reserved {
  readonly address: Ipv4;
  readonly holder: string;
}

/** A stretch of addresses; `reserved` ones inside it are skipped. */
export interface PoolRange {
  readonly first: Ipv4;
  readonly count: number;
  readonly reserved: readonly Reserved[];
}

/** 'server' gives addresses; 'proxy' tells machines only what to boot, another server gives the addresses; 'auto' looks first. */
export type Mode = 'server' | 'proxy' | 'auto';

/** The whole configuration, every default filled in: what the services work from. */
export interface Profile {
  readonly adapter: Adapter;
  readonly mode: Mode;
  /** What is advertised to machines. Another host's address hands that job off. */
  readonly addresses: { readonly dhcp: Ipv4; readonly tftp: Ipv4; readonly http: Ipv4 };
  readonly pool: PoolRange;
  /** Subnets whose machines ask through a relay; none overlaps another or the adapter's own. */
  readonly subnets: readonly RelayedSubnet[];
  /** Seconds. */
  readonly leaseTime: number;
  /** Of machines that nobody knows, where addresses are short. */
  readonly newLeaseTime: number;
  /** Offers that are open at a time to machines that nobody knows, from one source. */
  readonly offerLimit: number;
  readonly gateway: Ipv4 | undefined;
  readonly dns: readonly Ipv4[];
  readonly domain: string | undefined;
  /** The first stage of every architecture. */
  readonly loaders: Readonly<Record<LoaderArchitecture, LoaderSource>>;
  readonly boot: BootSettings;
  readonly httpPort: number;
  /** 'one': every transfer answers from port 69; 'each': each from a port of its own. */
  readonly tftpPorts: 'one' | 'each';
  /** 'served': machines of the adapter's networks and those behind relays; 'any': whoever asks. */
  readonly tftpClients: 'served' | 'any';
  readonly limits: Limits;
  /** Whether to end older iPXE's wait for an IPv6 router. */
  readonly routerAdvertisements: boolean;
  readonly paths: Paths;
  /** True on the appliance's own bridge, where no other server can be right about an address. */
  readonly authoritative: boolean;
}

/** What all may take, and what each address may. */
export interface Limits {
  /** Transfers open. */
  readonly tftp: { readonly all: number; readonly perAddress: number };
  /** Connections. */
  readonly http: { readonly all: number; readonly perAddress: number };
  /** Those who follow events. */
  readonly listeners: number;
}

/** A subnet behind a relay. */
export interface RelayedSubnet {
  readonly subnet: Subnet;
  readonly pool: PoolRange;
  /** 'relay': the address of the relay that asks, which most often is the router itself. */
  readonly gateway: Ipv4 | 'relay' | undefined;
  readonly dns: readonly Ipv4[];
  /** Addresses outside of the subnet that relays ask for it from. */
  readonly relays: readonly Ipv4[];
}

export interface LoaderSource {
  readonly architecture: LoaderArchitecture;
  /** Name inside images/. */
  readonly name: string;
  /** Where it is fetched from when images/ has none. */
  readonly url: string;
  /** A fetched loader has to have one of these, in lower-case hex; none: any will do. */
  readonly sha256: readonly string[];
}

export interface BootSettings {
  /** Names inside images/; undefined means: find it by content. */
  readonly kernel: string | undefined;
  readonly initrd: readonly string[] | undefined;
  /** Kernel command line; iPXE settings such as ${net0/mac} in it are expanded by the machine. */
  readonly cmdline: string;
}

export interface Paths {
  readonly images: string;
  readonly state: string;
  /** Loaders that come with the image (Debian's ipxe package), used until a fetch succeeds. */
  readonly loaders: string;
  /** Sockets of running services, for health probes. */
  readonly run: string;
}
