import { readPe } from './pe.ts';

/** A Linux kernel that a boot loader can start. */
export interface Kernel {
  readonly kind: 'kernel';
  readonly architecture: 'x86' | 'x86_64' | 'arm64' | 'other';
  /** As `uname -r` gives it; undefined where the header does not tell. */
  readonly version: string | undefined;
  /** Can be started by UEFI too. */
  readonly efiStub: boolean;
}

/** The kernel, or a program that only borrows a kernel's header (iPXE's .lkrn, Memtest86+), by name. */
export function readKernel(head: Buffer): Kernel | { kind: 'other'; what: string } | undefined {
  return bzImage(head) ?? arm64Image(head) ?? zboot(head);
}

/** The x86 boot protocol's header (Linux: Documentation/arch/x86/boot.rst). */
const BZ_MAGIC = 0x202;
const BZ_KERNEL_VERSION = 0x20e;
const BZ_XLOADFLAGS = 0x236;
const BZ_SECTOR = 0x200;

function bzImage(head: Buffer): ReturnType<typeof readKernel> {
  if (head.length < BZ_XLOADFLAGS + 2 || head.toString('latin1', BZ_MAGIC, BZ_MAGIC + 4) !== 'HdrS') {
    return undefined;
  }
  const pointer = head.readUInt16LE(BZ_KERNEL_VERSION);
  const text = pointer === 0 ? '' : textAt(head, pointer + BZ_SECTOR);
  const version = text.split(' ')[0];
  if (version && !/^\d+\.\d+/.test(version)) {
    return { kind: 'other', what: `${text} (not a kernel, but starts like one)` };
  }
  const long = (head.readUInt16LE(BZ_XLOADFLAGS) & 1) !== 0;
  return {
    kind: 'kernel',
    architecture: long ? 'x86_64' : 'x86',
    version: version || undefined,
    efiStub: readPe(head) !== undefined,
  };
}

function textAt(head: Buffer, at: number): string {
  const end = head.indexOf(0, at);
  return printable(
    head.toString('latin1', at, end < 0 ? Math.min(head.length, at + 80) : Math.min(end, at + 80)),
  );
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '');
}

/** Linux: Documentation/arch/arm64/booting.rst. */
function arm64Image(head: Buffer): Kernel | undefined {
  if (head.toString('latin1', 0x38, 0x3c) !== 'ARM\x64') return undefined;
  return { kind: 'kernel', architecture: 'arm64', version: undefined, efiStub: readPe(head) !== undefined };
}

/** A compressed kernel that unpacks itself under UEFI (Linux: drivers/firmware/efi/libstub/zboot-header.S). */
function zboot(head: Buffer): Kernel | undefined {
  if (head.toString('latin1', 4, 8) !== 'zimg') return undefined;
  const machine = readPe(head)?.machine;
  if (!machine) return undefined;
  const architecture = machine === 'arm64' ? 'arm64' : machine === 'x64' ? 'x86_64' : 'other';
  return { kind: 'kernel', architecture, version: undefined, efiStub: true };
}
