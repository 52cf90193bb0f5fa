export type Way = 'truncated' | 'in place' | 'set back' | 'resized' | 'renamed';

/** Every block begins and ends with the version of the file, a number of 32 bits. */
export const BLOCK = 4096;

/** Of one block of the cache, and of several. */
export const FILES: readonly { readonly name: string; readonly size: number; readonly way: Way }[] = (
  ['truncated', 'in place', 'set back', 'resized', 'renamed'] as const
).flatMap((way) => [
  { name: `small-${way.replace(' ', '-')}`, size: 16 * BLOCK, way },
  { name: `large-${way.replace(' ', '-')}`, size: 200 * BLOCK, way },
]);

/** The version that all blocks have; the versions found, where there are several. */
export function versionsIn(bytes: Uint8Array): Set<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = new Set<number>();
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    found.add(view.getUint32(at, true));
    found.add(view.getUint32(at + BLOCK - 4, true));
  }
  return found;
}
