/** The only bridge that QEMU's helper is allowed to plug a machine into: see /etc/qemu/bridge.conf in the image. */
export const BRIDGE = 'remoteboot0';

/** One address for all demos: on the page they are one machine, and it keeps its lease. */
export const MAC = '52:54:00:de:30:01';

/** The host's architecture and the firmware: a BIOS with iPXE in the network card, or UEFI with a PXE client of its own. */
export type Machine = 'x64, BIOS' | 'x64, UEFI' | 'arm64, UEFI';

/** UEFI's program, and a copy of its variables that may be written to. */
export interface Flash {
  readonly code: string;
  readonly variables: string;
}

const BOARDS: Readonly<Record<Machine, readonly [program: string, ...string[]]>> = {
  // graphics=off has the BIOS and boot ROMs speak to the serial port.
  'x64, BIOS': ['qemu-system-x86_64', '-machine', 'pc,graphics=off', '-cpu', 'Nehalem'],
  'x64, UEFI': ['qemu-system-x86_64', '-machine', 'q35,graphics=off,smm=off', '-cpu', 'Nehalem'],
  // EDK2 starts no network without the random numbers of the processor, which older ones lack; pauth-impdef spares it costly signatures.
  'arm64, UEFI': ['qemu-system-aarch64', '-machine', 'virt', '-cpu', 'max,pauth-impdef=on'],
};

/**
 * The command that runs a machine with one network card and a serial console on stdout, and nothing else to boot from. QEMU's bridge helper
 * makes the tap device of its card, which is gone with QEMU however that ends.
 */
export function machineCommand(machine: Machine, flash: Flash): [program: string, args: string[]] {
  const [program, ...board] = BOARDS[machine];
  const card = `virtio-net-pci,netdev=n0,mac=${MAC},bootindex=0`;
  const args = [
    ...board,
    // Enough for many an initrd of the user's; memory that is not used is not taken.
    ...['-accel', 'tcg', '-m', '1G'],
    ...['-nodefaults', '-vga', 'none', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'],
    ...['-netdev', `bridge,id=n0,br=${BRIDGE}`],
  ];
  if (machine === 'x64, BIOS') return [program, [...args, '-device', card]];
  const uefi = [
    // An empty romfile leaves UEFI to its own PXE client, which loads iPXE by TFTP.
    ...['-device', `${card},romfile=`],
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${flash.code}`],
    ...['-drive', `if=pflash,format=raw,file=${flash.variables}`],
    // EDK2 starts no network without random numbers; from here where the processor gives none.
    ...['-device', 'virtio-rng-pci'],
  ];
  return [program, [...args, ...uefi]];
}
