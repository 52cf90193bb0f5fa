import * as v from './validators.ts';

/** Variables of what machines boot, first stages included. See variables.ts. */
export const bootVariables = {
  KERNEL: {
    section: 'What machines boot',
    spec: v.fileName({ default: undefined, example: 'vmlinuz', desc: 'Kernel, a name inside images/.' }),
    otherwise: 'the one kernel in images/, found by content',
  },
  INITRD: {
    section: 'What machines boot',
    spec: v.fileNames({
      default: undefined,
      example: 'initrd.img',
      desc: 'Initial RAM disks, names inside images/ with commas between, or none.',
    }),
    otherwise: 'the one initrd in images/, found by content',
  },
  CMDLINE: {
    section: 'What machines boot',
    spec: v.cmdline({
      default: '',
      example: "'console=tty0 console=ttyS0'",
      desc: "Kernel command line; quote it with '…'. Machines expand iPXE settings such as ${net0/mac}.",
    }),
    otherwise: 'empty',
  },
  LOADER_BIOS: {
    section: 'First stage',
    spec: v.fileName({
      default: 'undionly.kpxe',
      example: 'undionly.kpxe',
      desc: 'Loader for BIOS machines, a name inside images/.',
    }),
    otherwise: 'undionly.kpxe',
  },
  LOADER_X64: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly.efi',
      example: 'snponly.efi',
      desc: 'Loader for UEFI x64 machines, a name inside images/.',
    }),
    otherwise: 'snponly.efi',
  },
  LOADER_ARM64: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-arm64.efi',
      example: 'snponly-arm64.efi',
      desc: 'Loader for UEFI arm64 machines, a name inside images/.',
    }),
    otherwise: 'snponly-arm64.efi',
  },
  LOADER_IA32: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-ia32.efi',
      example: 'snponly-ia32.efi',
      desc: 'Loader for UEFI x86 (32 bit) machines, a name inside images/.',
    }),
    otherwise: 'snponly-ia32.efi',
  },
  LOADER_ARM32: {
    section: 'First stage',
    spec: v.fileName({
      default: 'snponly-arm32.efi',
      example: 'snponly-arm32.efi',
      desc: 'Loader for UEFI arm32 machines, a name inside images/.',
    }),
    otherwise: 'snponly-arm32.efi',
  },
  LOADER_MIRROR: {
    section: 'First stage',
    spec: v.loaderUrl({
      default: 'https://boot.ipxe.org/',
      example: 'https://boot.ipxe.org/',
      desc: 'Where loaders that images/ lacks are fetched from, laid out as there (http, https or tftp).',
    }),
    otherwise: 'https://boot.ipxe.org/',
  },
  LOADER_URL: {
    section: 'First stage',
    spec: v.loaderUrl({
      default: undefined,
      example: 'https://boot.ipxe.org/undionly.kpxe',
      desc: 'Where the BIOS loader is fetched from, if it is elsewhere.',
    }),
    otherwise: 'undionly.kpxe of LOADER_MIRROR',
  },
  LOADER_SHA256: {
    section: 'First stage',
    spec: v.sha256List({
      default: [],
      example: '64 hexadecimal digits, as sha256sum prints',
      desc: 'SHA-256 that fetched loaders must have: one of these, commas between.',
    }),
    otherwise: 'not checked',
  },
} as const;
