import type { Firmware } from '../../boot/client.ts';

/** The kinds of machines that are looked at side by side where nothing is known of one. */
export const KINDS: readonly {
  readonly name: string;
  readonly firmware: Firmware;
  readonly architecture?: number;
}[] = [
  { name: 'BIOS, PXE', firmware: 'pxe', architecture: 0 },
  { name: 'UEFI x64, PXE', firmware: 'pxe', architecture: 7 },
  { name: 'UEFI x64, HTTP Boot', firmware: 'http', architecture: 16 },
  { name: 'UEFI arm64, PXE', firmware: 'pxe', architecture: 11 },
  { name: 'UEFI arm64, HTTP Boot', firmware: 'http', architecture: 19 },
  { name: 'UEFI x86 (32 bit), PXE', firmware: 'pxe', architecture: 6 },
  { name: 'iPXE in the card', firmware: 'ipxe' },
  { name: 'Raspberry Pi', firmware: 'raspberry-pi' },
  { name: 'installed system', firmware: 'other' },
];
