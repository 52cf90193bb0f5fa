import { loaderSources } from '../src/config/loader-sources.ts';
import type { Profile } from '../src/config/profile.ts';
import { readSettings, type Settings } from '../src/config/settings.ts';
import { parseIpv4 } from '../src/protocol/ipv4.ts';

const LOOPBACK = parseIpv4('127.0.0.1')!;

/** The settings that an empty environment gives. */
export function defaultSettings(): Settings {
  const read = readSettings({});
  if ('problems' in read) throw new Error('the defaults are wrong');
  return read.settings;
}

/** A profile whose adapter is loopback, with the MTU of Ethernet; loaders can be fetched from nowhere. */
export function profileOf(changes: Partial<Profile> = {}): Profile {
  return {
    adapter: {
      name: 'lo',
      index: 1,
      mac: '00:00:00:00:00:00',
      mtu: 1500,
      carrier: true,
      up: true,
      addresses: [{ address: LOOPBACK, prefix: 8 }],
      address: LOOPBACK,
      subnet: { network: parseIpv4('127.0.0.0')!, prefix: 8 },
    },
    mode: 'server',
    addresses: { dhcp: LOOPBACK, tftp: LOOPBACK, http: LOOPBACK },
    pool: { first: LOOPBACK + 1, count: 1, reserved: [] },
    subnets: [],
    leaseTime: 7200,
    newLeaseTime: 600,
    offerLimit: 2000,
    gateway: undefined,
    dns: [],
    domain: undefined,
    loaders: loaderSources({ ...defaultSettings(), LOADER_MIRROR: 'http://127.0.0.1:7999/' }),
    boot: { kernel: undefined, initrd: undefined, cmdline: '' },
    httpPort: 80,
    tftpPorts: 'one',
    tftpClients: 'served',
    limits: {
      tftp: { all: 4096, perAddress: 256 },
      http: { all: 16_384, perAddress: 2048 },
      listeners: 64,
    },
    routerAdvertisements: false,
    paths: {
      images: '/nonexistent/images',
      state: '/nonexistent',
      loaders: '/nonexistent',
      run: '/nonexistent',
    },
    authoritative: false,
    ...changes,
  };
}

/** The source of one loader, as a test wants it. */
export function loaderSource(
  url: string,
  changes: Partial<Profile['loaders']['bios']> = {},
): Profile['loaders']['bios'] {
  return { architecture: 'bios', name: 'undionly.kpxe', url, sha256: [], ...changes };
}
