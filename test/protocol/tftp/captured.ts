import type { Packet } from '../../../src/protocol/tftp/packet.ts';

/** Packets as real firmware sent them (UDP payloads of the lab's captures), and what they say. */
export interface Captured {
  readonly from: string;
  readonly payload: string;
  readonly packet: Packet;
}

const rrq = (file: string, ...options: [string, string][]): Packet => ({
  type: 'rrq',
  file,
  mode: 'octet',
  options: new Map(options),
});

export const captured: readonly Captured[] = [
  {
    from: 'EDK2 for x64, asking for the size',
    payload: '\0\x01snponly.efi\0octet\0tsize\x000\0blksize\x001468\0windowsize\x004\0',
    packet: rrq('snponly.efi', ['tsize', '0'], ['blksize', '1468'], ['windowsize', '4']),
  },
  {
    from: 'EDK2 for x64, ending the size question',
    payload: '\0\x05\0\x08User aborted the transfer\0',
    packet: { type: 'error', code: 8, message: 'User aborted the transfer' },
  },
  {
    from: 'EDK2 for arm64, loading',
    payload: '\0\x01ipxe-arm64.efi\0octet\0blksize\x001468\0windowsize\x004\0',
    packet: rrq('ipxe-arm64.efi', ['blksize', '1468'], ['windowsize', '4']),
  },
  {
    from: 'iPXE as a network card’s ROM',
    payload: '\0\x01undionly.kpxe\0octet\0blksize\x001432\0tsize\x000\0',
    packet: rrq('undionly.kpxe', ['blksize', '1432'], ['tsize', '0']),
  },
  {
    from: 'shim',
    payload: '\0\x01grubx64.efi\0octet\0blksize\x00512\0windowsize\x004\0',
    packet: rrq('grubx64.efi', ['blksize', '512'], ['windowsize', '4']),
  },
  {
    from: 'GRUB',
    payload: '\0\x01/grub/grub.cfg\0octet\0blksize\x001024\0tsize\x000\0',
    packet: rrq('/grub/grub.cfg', ['blksize', '1024'], ['tsize', '0']),
  },
  {
    from: 'dnsmasq, agreeing',
    payload: '\0\x06blksize\x001468\0tsize\x00301056\0',
    packet: {
      type: 'oack',
      options: new Map([
        ['blksize', '1468'],
        ['tsize', '301056'],
      ]),
    },
  },
];
