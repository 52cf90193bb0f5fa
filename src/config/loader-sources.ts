import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { LoaderSource, Profile } from './profile.ts';
import type { Settings } from './settings.ts';

/**
 * The variable that names each architecture's loader, and where the iPXE project has it, below https://boot.ipxe.org/ or a mirror of it.
 * snponly uses the firmware's own driver, which works on every card that got this far; ipxe.efi brings drivers of its own and
 * fails on some.
 */
const LOADERS = {
  bios: { variable: 'LOADER_BIOS', path: 'undionly.kpxe' },
  x64: { variable: 'LOADER_X64', path: 'x86_64-efi/snponly.efi' },
  arm64: { variable: 'LOADER_ARM64', path: 'arm64-efi/snponly.efi' },
  ia32: { variable: 'LOADER_IA32', path: 'i386-efi/snponly.efi' },
  arm32: { variable: 'LOADER_ARM32', path: 'arm32-efi/snponly.efi' },
} as const satisfies Record<LoaderArchitecture, { variable: keyof Settings; path: string }>;

/** The loaders as configured. */
export function loaderSources(settings: Settings): Profile['loaders'] {
  const mirror = settings.LOADER_MIRROR.replace(/\/*$/, '/');
  const source = (architecture: LoaderArchitecture): LoaderSource => {
    const { variable, path } = LOADERS[architecture];
    const own = architecture === 'bios' ? settings.LOADER_URL : undefined;
    return {
      architecture,
      name: settings[variable],
      url: own ?? mirror + path,
      sha256: settings.LOADER_SHA256,
    };
  };
  return {
    bios: source('bios'),
    x64: source('x64'),
    arm64: source('arm64'),
    ia32: source('ia32'),
    arm32: source('arm32'),
  };
}
