import { architecture } from '../protocol/pxe/architecture.ts';
import type { Asker, Firmware } from './client.ts';

const FIRMWARE_NAMES = {
  pxe: 'PXE',
  http: 'HTTP Boot',
  ipxe: 'iPXE',
  'raspberry-pi': 'Raspberry Pi',
  other: 'DHCP client',
} as const;
/** What these say of their architecture is no news, or not true. */
const WITHOUT_ARCHITECTURE: readonly Firmware[] = ['ipxe', 'raspberry-pi', 'other'];

/** "PXE, BIOS x86", "iPXE", "DHCP client". */
export function describe({ firmware, architecture: code }: Asker): string {
  const arch =
    code === undefined || WITHOUT_ARCHITECTURE.includes(firmware) ? '' : `, ${architecture(code).name}`;
  return `${FIRMWARE_NAMES[firmware]}${arch}`;
}
