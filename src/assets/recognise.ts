import zlib from 'node:zlib';
import { type Kernel, readKernel } from './linux-kernel.ts';
import { type Machine, readPe } from './pe.ts';

/** What a file is, told by its first bytes. */
export type Recognised =
  | Kernel
  | { readonly kind: 'initrd'; readonly compression: Compression | 'none' }
  | { readonly kind: 'efi'; readonly machine: Machine }
  /** A BIOS network boot program, such as undionly.kpxe. */
  | { readonly kind: 'nbp' }
  | { readonly kind: 'other'; readonly what: string };

export type Compression = 'gzip' | 'xz' | 'zstd' | 'lz4' | 'bzip2' | 'lzma' | 'lzop';

/** So many bytes of a file are looked at; a bzImage has its version string within its first 32 KiB. */
export const HEAD_BYTES = 64 * 1024;

/** Linux: lib/decompress.c; lz4 is the legacy frame, which is what the kernel reads. */
const COMPRESSIONS: readonly [Compression, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lzma', [0x5d, 0x00, 0x00]],
  ['lzop', [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a]],
];

const CPIO_MAGICS = ['070701', '070702'];
const FAR_JUMP = 0xea;

/** Tells a file by its head (the first {@link HEAD_BYTES}, or all of a shorter file). Never throws. */
export function recognise(head: Uint8Array): Recognised {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length === 0) return { kind: 'other', what: 'an empty file' };
  const kernel = readKernel(bytes);
  if (kernel) return kernel;
  const pe = readPe(bytes);
  if (pe) return { kind: 'efi', machine: pe.machine };
  if (isCpio(bytes)) return { kind: 'initrd', compression: 'none' };
  const compression = COMPRESSIONS.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))?.[0];
  if (compression === 'gzip') return insideGzip(bytes);
  if (compression) return { kind: 'initrd', compression };
  if (bytes[0] === FAR_JUMP) return { kind: 'nbp' };
  return { kind: 'other', what: isText(bytes) ? 'a text file' : 'an unknown kind of file' };
}

function isCpio(bytes: Buffer): boolean {
  return CPIO_MAGICS.includes(bytes.toString('latin1', 0, 6));
}

function insideGzip(bytes: Buffer): Recognised {
  const start = unpackedStart(bytes);
  if (!start) return { kind: 'other', what: 'a damaged gzip file' };
  if (isCpio(start)) return { kind: 'initrd', compression: 'gzip' };
  const kernel = readKernel(start);
  if (kernel?.kind === 'kernel') return { kind: 'other', what: 'a kernel in gzip: unpack it with gunzip' };
  return { kind: 'other', what: 'a gzip file with something else than an initrd in it' };
}

/** Enough of a gzip file to have a header unpacked, and little enough that no head unpacks to gigabytes. */
const GZIP_SAMPLE = 4096;

function unpackedStart(bytes: Buffer): Buffer | undefined {
  try {
    return zlib.gunzipSync(bytes.subarray(0, GZIP_SAMPLE), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** True for bytes that a person could read; NUL and other control characters are in every program's first 512. */
export function isText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 512).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

const MACHINE_NAMES: Record<Machine, string> = {
  x64: '64-bit x86',
  ia32: '32-bit x86',
  arm64: '64-bit ARM',
  arm32: '32-bit ARM',
  riscv64: 'RISC-V',
  loongarch64: 'LoongArch',
  other: 'another architecture',
};

export function machineName(machine: Machine): string {
  return MACHINE_NAMES[machine];
}

/** "a Linux kernel 6.1.0-40-amd64 for x86_64", for messages. */
export function describe(file: Recognised): string {
  switch (file.kind) {
    case 'kernel':
      return `a Linux kernel ${file.version ? `${file.version} ` : ''}for ${file.architecture}`;
    case 'initrd':
      return file.compression === 'none' ? 'an initrd' : `an initrd (${file.compression})`;
    case 'efi':
      return `an EFI program for ${machineName(file.machine)}`;
    case 'nbp':
      return 'a BIOS boot program';
    case 'other':
      return file.what;
  }
}
