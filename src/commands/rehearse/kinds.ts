import type { Machine } from '../../assets/pe.ts';
import type { Firmware } from '../../boot/client.ts';
import type { LoaderArchitecture } from '../../protocol/pxe/architecture.ts';

/** A machine that is rehearsed: what its firmware says and does. */
export interface Machinery {
  readonly title: string;
  readonly firmware: Firmware;
  /** Option 93: the firmware's, and that of the iPXE that follows. */
  readonly architecture: number;
  readonly ipxe: number;
  /** Which loader it can run, and what programs for it are compiled for. */
  readonly loader: LoaderArchitecture;
  readonly machine: Machine;
  /** TFTP options: of the question for the size, and of the loading. */
  readonly tftp: { readonly size: Options; readonly load: Options };
}

type Options = Readonly<Record<string, string>>;

const UEFI_TFTP = { blksize: '1468', windowsize: '4' };

/** Options and numbers as real firmware sends them (test/fixtures/dhcp; EDK2's PXE client for TFTP). */
export const KINDS = {
  bios: {
    title: 'BIOS PXE',
    firmware: 'pxe',
    architecture: 0,
    ipxe: 0,
    loader: 'bios',
    machine: 'x64',
    tftp: { size: { tsize: '0' }, load: { blksize: '1456' } },
  },
  uefi: {
    title: 'UEFI PXE',
    firmware: 'pxe',
    architecture: 7,
    ipxe: 7,
    loader: 'x64',
    machine: 'x64',
    tftp: { size: { tsize: '0', ...UEFI_TFTP }, load: UEFI_TFTP },
  },
  http: {
    title: 'UEFI HTTP Boot',
    firmware: 'http',
    architecture: 16,
    ipxe: 7,
    loader: 'x64',
    machine: 'x64',
    tftp: { size: {}, load: {} },
  },
  ipxe: {
    title: 'iPXE in the card',
    firmware: 'ipxe',
    architecture: 0,
    ipxe: 0,
    loader: 'bios',
    machine: 'x64',
    tftp: { size: {}, load: {} },
  },
} as const satisfies Record<string, Machinery>;

export type Kind = keyof typeof KINDS;

export const ALL = Object.keys(KINDS) as readonly Kind[];

/** What iPXE asks TFTP for. */
export const IPXE_TFTP = { tsize: '0', blksize: '1432' } as const;
