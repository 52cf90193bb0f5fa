/**
 * What a build of iPXE can do, as it tells in option 175: sub-options 16 to 127, numbered in iPXE's src/include/ipxe/features.h.
 *
 *     sub-option | length | version of the feature
 */
export const FEATURE = {
  pxeExtensions: 16,
  iscsi: 17,
  aoe: 18,
  http: 19,
  https: 20,
  tftp: 21,
  ftp: 22,
  dns: 23,
  bzImage: 24,
  multiboot: 25,
  slam: 26,
  srp: 27,
  nbi: 32,
  pxe: 33,
  elf: 34,
  comboot: 35,
  efi: 36,
  fcoe: 37,
  vlan: 38,
  menu: 39,
  sdi: 40,
  nfs: 41,
} as const;

export type Feature = (typeof FEATURE)[keyof typeof FEATURE];

const FIRST = 16;
const LAST = 127;
const PAD = 0;
const END = 255;

/**
 * The features that option 175 lists; undefined where it lists none, which says nothing about the build. What is cut off is left out:
 * a client is never refused for it.
 */
export function readFeatures(option: Uint8Array | undefined): ReadonlySet<number> | undefined {
  if (!option) return undefined;
  const features = new Set<number>();
  for (let at = 0; at < option.length && option[at] !== END; ) {
    const code = option[at]!;
    if (code === PAD) {
      at += 1;
      continue;
    }
    const length = option[at + 1];
    if (length === undefined || at + 2 + length > option.length) break;
    if (code >= FIRST && code <= LAST) features.add(code);
    at += 2 + length;
  }
  return features.size > 0 ? features : undefined;
}
