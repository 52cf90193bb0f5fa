/**
 * Option 93, processor architecture types. https://www.iana.org/assignments/dhcpv6-parameters#processor-architecture
 * 9 is EBC in the registry, but x64 firmware sends it: both boot an x64 loader.
 */
export const ARCHITECTURES = {
  0: { name: 'BIOS x86', loader: 'bios', http: false },
  1: { name: 'NEC/PC98', loader: undefined, http: false },
  6: { name: 'UEFI x86', loader: 'ia32', http: false },
  7: { name: 'UEFI x64', loader: 'x64', http: false },
  9: { name: 'UEFI x64 (EBC)', loader: 'x64', http: false },
  10: { name: 'UEFI arm32', loader: 'arm32', http: false },
  11: { name: 'UEFI arm64', loader: 'arm64', http: false },
  15: { name: 'UEFI x86 HTTP', loader: 'ia32', http: true },
  16: { name: 'UEFI x64 HTTP', loader: 'x64', http: true },
  18: { name: 'UEFI arm32 HTTP', loader: 'arm32', http: true },
  19: { name: 'UEFI arm64 HTTP', loader: 'arm64', http: true },
} as const;

export type LoaderArchitecture = 'bios' | 'ia32' | 'x64' | 'arm32' | 'arm64';

/** What the number means: its name, and which loader it runs, if any is known. */
export function architecture(code: number): {
  readonly name: string;
  readonly loader: LoaderArchitecture | undefined;
} {
  const known = (ARCHITECTURES as Record<number, { name: string; loader: LoaderArchitecture | undefined }>)[
    code
  ];
  return known ?? { name: `architecture ${code}`, loader: undefined };
}
