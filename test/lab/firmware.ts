import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Need } from './requires.ts';

/**
 * What the machine boots with:
 * - 'plain-rom': a BIOS whose boot ROM knows PXE and nothing more, as on most real cards;
 * - 'ipxe-rom': a BIOS with iPXE in the card, as QEMU has it;
 * - 'uefi': UEFI x64 with the PXE client of EDK2;
 * - 'uefi-http': the same with HTTP Boot in place of PXE;
 * - 'uefi-ipxe-rom': UEFI x64 with iPXE in the card;
 * - 'secure-boot': 'uefi' with Secure Boot on and Microsoft's keys enrolled;
 * - 'arm64': UEFI arm64 with the PXE client of EDK2;
 * - 'arm64-http': the same with HTTP Boot in place of PXE.
 */
export type Firmware =
  | 'plain-rom'
  | 'ipxe-rom'
  | 'uefi'
  | 'uefi-http'
  | 'uefi-ipxe-rom'
  | 'secure-boot'
  | 'arm64'
  | 'arm64-http';

interface Machine {
  readonly qemu: 'qemu-system-x86_64' | 'qemu-system-aarch64';
  readonly board: readonly string[];
  /** EDK2's code, and the variables that it starts with. */
  readonly flash?: readonly [code: string, variables: string];
  /** Whether EDK2 tries PXE over IPv4 before HTTP. */
  readonly pxe?: boolean;
  /** Properties of the network card. An empty romfile leaves the firmware to its own network client. */
  readonly card?: string;
}

const OVMF = '/usr/share/OVMF/OVMF';
const AAVMF = '/usr/share/AAVMF/AAVMF';
const OPEN = [`${OVMF}_CODE_4M.fd`, `${OVMF}_VARS_4M.fd`] as const;

const BIOS: Machine = {
  qemu: 'qemu-system-x86_64',
  board: ['-machine', 'pc,graphics=off', '-cpu', 'Nehalem', '-m', '256'],
};
const UEFI: Machine = {
  qemu: 'qemu-system-x86_64',
  board: ['-machine', 'q35,graphics=off,smm=off', '-cpu', 'Nehalem', '-m', '384'],
  flash: OPEN,
  pxe: true,
  card: ',romfile=',
};

const ARM64: Machine = {
  ...UEFI,
  qemu: 'qemu-system-aarch64',
  board: ['-machine', 'virt', '-cpu', 'cortex-a57', '-m', '512'],
  flash: [`${AAVMF}_CODE.fd`, `${AAVMF}_VARS.fd`],
};

const MACHINES: Readonly<Record<Firmware, Machine>> = {
  'plain-rom': BIOS,
  'ipxe-rom': BIOS,
  uefi: UEFI,
  'uefi-http': { ...UEFI, pxe: false },
  'uefi-ipxe-rom': { ...UEFI, card: '' },
  'secure-boot': {
    ...UEFI,
    board: [
      ...['-machine', 'q35,graphics=off,smm=on', '-cpu', 'Nehalem', '-m', '384'],
      // Without it the variables, keys among them, could be written from outside of the firmware.
      ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
    ],
    flash: [`${OVMF}_CODE_4M.ms.fd`, `${OVMF}_VARS_4M.ms.fd`],
  },
  arm64: ARM64,
  'arm64-http': { ...ARM64, pxe: false },
};

/** What requires() has to find for machines of these kinds. */
export function firmwareNeeds(...kinds: readonly Firmware[]): Need[] {
  const machines = kinds.map((kind) => MACHINES[kind]);
  return [...new Set(machines.flatMap(({ qemu, flash = [] }) => [qemu, ...flash]))];
}

/** QEMU's program and its arguments for the machine; `folder` is its own, and takes the firmware's variables. */
export function machine(
  firmware: Firmware,
  folder: string,
): { program: string; args: string[]; card: string } {
  const { qemu, board, flash, pxe, card = '' } = MACHINES[firmware];
  if (!flash) return { program: qemu, args: [...board], card };
  const variables = join(folder, 'variables.fd');
  copyFileSync(flash[1], variables);
  const args = [
    ...board,
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${flash[0]}`],
    ...['-drive', `if=pflash,format=raw,file=${variables}`],
    ...['-device', 'virtio-rng-pci'],
    ...['-fw_cfg', `name=opt/org.tianocore/IPv4PXESupport,string=${pxe ? 'y' : 'n'}`],
    // Tried last, and for a minute.
    ...['-fw_cfg', 'name=opt/org.tianocore/IPv6PXESupport,string=n'],
  ];
  return { program: qemu, args, card };
}
