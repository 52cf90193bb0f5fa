import type { Firmware } from '../../lab/firmware.ts';
import { BEHIND_RELAY, type Surroundings } from '../../lab/site.ts';

/** One row of the matrix. */
export interface Scenario {
  readonly name: string;
  /** The machines, switched on half a second apart. */
  readonly machines: readonly Firmware[];
  /** What its console has to show besides BOOTLAB-OK: that it took this way, and no other. */
  readonly shows: readonly RegExp[];
  /** Belongs to the short set of every `npm test`. */
  readonly short?: true;
}

/** Scenarios that share a site: the services run with the same settings and surroundings. */
export interface Group {
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly settings: Readonly<Record<string, string>>;
  readonly scenarios: readonly Scenario[];
}

const X64 = { KERNEL: 'vmlinuz', INITRD: 'initrd.img', CMDLINE: 'console=ttyS0' };
const ARM64 = { KERNEL: 'vmlinuz-arm64', INITRD: 'initrd-arm64.img', CMDLINE: 'console=ttyAMA0' };
const RELAYED = { ...X64, SUBNETS: BEHIND_RELAY.cidr };
const SCRIPT = /http:\/\/10\.88\.0\.1\/infrakit\.ipxe/;
const UNDIONLY = /tftp:\/\/10\.88\.0\.1\/undionly\.kpxe/;
const RELAYED_ADDRESS = /BOOTLAB-OK ip=10\.88\.16\./;
const OTHERS_ADDRESS = /BOOTLAB-OK ip=10\.88\.0\.2[0-5]\d\//;
/** At no stage an address of the appliance's own pool: as a second DHCP server it would win some races and lose others. */
const NONE_OF_OURS = /^(?!.*\b10\.88\.0\.(?:[2-9]|1\d|2[01])\b)/s;

const fetched = (file: string) => new RegExp(`NBP filename is ${file}`);
const fetchedByHttp = (file: string) => new RegExp(`URI: http://10\\.88\\.0\\.1/${file}`);

export const groups: readonly Group[] = [
  {
    name: 'on a network of its own',
    surroundings: 'nothing',
    settings: X64,
    scenarios: [
      {
        name: 'BIOS, PXE ROM → undionly.kpxe',
        machines: ['plain-rom'],
        shows: [UNDIONLY, SCRIPT],
        short: true,
      },
      { name: 'BIOS, iPXE in the card', machines: ['ipxe-rom'], shows: [SCRIPT] },
      {
        name: 'UEFI x64, PXE → snponly.efi',
        machines: ['uefi'],
        shows: [fetched('snponly.efi'), SCRIPT],
        short: true,
      },
      {
        name: 'UEFI x64, HTTP Boot → snponly.efi',
        machines: ['uefi-http'],
        shows: [fetchedByHttp('snponly.efi'), SCRIPT],
        short: true,
      },
      { name: 'UEFI x64, iPXE in the card', machines: ['uefi-ipxe-rom'], shows: [SCRIPT] },
      {
        name: '8 mixed machines together, until the last is up',
        machines: [
          'plain-rom',
          'ipxe-rom',
          'uefi',
          'uefi-http',
          'plain-rom',
          'uefi-ipxe-rom',
          'uefi',
          'uefi-http',
        ],
        shows: [SCRIPT],
      },
    ],
  },
  {
    name: 'with LOADER_X64=ipxe.efi',
    surroundings: 'nothing',
    settings: { ...X64, LOADER_X64: 'ipxe.efi' },
    scenarios: [
      { name: 'UEFI x64, PXE → ipxe.efi', machines: ['uefi'], shows: [fetched('ipxe.efi'), SCRIPT] },
    ],
  },
  {
    name: 'for arm64',
    surroundings: 'nothing',
    settings: ARM64,
    scenarios: [
      {
        name: 'UEFI arm64, PXE → snponly-arm64.efi',
        machines: ['arm64'],
        shows: [fetched('snponly-arm64.efi'), SCRIPT],
      },
      {
        name: 'UEFI arm64, HTTP Boot → snponly-arm64.efi',
        machines: ['arm64-http'],
        shows: [fetchedByHttp('snponly-arm64.efi'), SCRIPT],
      },
    ],
  },
  {
    name: 'with Secure Boot',
    surroundings: 'nothing',
    settings: { ...X64, LOADER_X64: 'shimx64.efi' },
    scenarios: [
      {
        name: 'UEFI x64, Secure Boot: shim → GRUB',
        machines: ['secure-boot'],
        shows: [fetched('shimx64.efi'), /Secure boot enabled/],
      },
    ],
  },
  {
    name: 'beside another DHCP server',
    surroundings: 'other server',
    settings: { ...X64, MODE: 'proxy' },
    scenarios: [
      {
        name: 'BIOS, PXE ROM, beside dnsmasq',
        machines: ['plain-rom'],
        shows: [UNDIONLY, SCRIPT, OTHERS_ADDRESS, NONE_OF_OURS],
      },
      {
        name: 'BIOS, iPXE in the card, beside dnsmasq',
        machines: ['ipxe-rom'],
        shows: [SCRIPT, OTHERS_ADDRESS, NONE_OF_OURS],
      },
      {
        name: 'UEFI x64, PXE, beside dnsmasq',
        machines: ['uefi'],
        shows: [fetched('snponly.efi'), SCRIPT, OTHERS_ADDRESS, NONE_OF_OURS],
        short: true,
      },
      {
        name: 'UEFI x64, HTTP Boot, beside dnsmasq',
        machines: ['uefi-http'],
        shows: [fetchedByHttp('snponly.efi'), SCRIPT, OTHERS_ADDRESS, NONE_OF_OURS],
      },
    ],
  },
  {
    name: 'beside another DHCP server that it finds by itself',
    surroundings: 'other server',
    settings: { ...X64, MODE: 'auto' },
    scenarios: [
      {
        name: 'UEFI x64, PXE, beside dnsmasq, with MODE=auto',
        machines: ['uefi'],
        shows: [fetched('snponly.efi'), SCRIPT, OTHERS_ADDRESS, NONE_OF_OURS],
      },
    ],
  },
  {
    name: 'behind a relay',
    surroundings: 'relay',
    settings: RELAYED,
    scenarios: [
      {
        name: 'BIOS, PXE ROM, behind a relay',
        machines: ['plain-rom'],
        shows: [UNDIONLY, SCRIPT, RELAYED_ADDRESS],
      },
    ],
  },
  {
    name: 'behind a relay that adds option 82',
    surroundings: 'relay with 82',
    settings: RELAYED,
    scenarios: [
      {
        name: 'UEFI x64, PXE, behind a relay with option 82',
        machines: ['uefi'],
        shows: [fetched('snponly.efi'), SCRIPT, RELAYED_ADDRESS],
        short: true,
      },
    ],
  },
];
