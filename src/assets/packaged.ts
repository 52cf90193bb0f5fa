import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HEAD_BYTES, recognise } from './recognise.ts';
import type { Surveyed } from './survey.ts';

/**
 * Files of Debian's ipxe package that serve a name which images/ does not have, the best first. Only these names ever leave
 * images/. The package has no snponly for arm64, but an ipxe.efi.
 */
const PACKAGED: Readonly<Record<string, readonly string[]>> = {
  'undionly.kpxe': ['undionly.kpxe'],
  'undionly.kkpxe': ['undionly.kkpxe'],
  'ipxe.pxe': ['ipxe.pxe'],
  'ipxe.efi': ['ipxe.efi', 'ipxe-amd64.efi'],
  'ipxe-amd64.efi': ['ipxe-amd64.efi', 'ipxe.efi'],
  'snponly.efi': ['snponly.efi'],
  'ipxe-arm64.efi': ['ipxe-arm64.efi'],
  'snponly-arm64.efi': ['snponly-arm64.efi', 'ipxe-arm64.efi'],
};

/** The packaged files that a requested name may be served from; none for every other name. */
export function packagedNames(requested: string): readonly string[] {
  const name = requested.replaceAll('\\', '/').replace(/^\/+/, '');
  return Object.hasOwn(PACKAGED, name) ? PACKAGED[name]! : [];
}

/** Whether the package in `folder` has a file that serves the name. Never rejects: what cannot be seen is not there. */
export async function hasPackaged(folder: string, name: string): Promise<boolean> {
  const there = await Promise.all(packagedNames(name).map((file) => isFile(join(folder, file))));
  return there.includes(true);
}

/** The packaged file that serves the name, as far as its head tells; undefined where there is none. Never rejects. */
export async function packagedFile(folder: string, name: string): Promise<Surveyed | undefined> {
  for (const candidate of packagedNames(name)) {
    const found = await headOf(join(folder, candidate)).catch(() => undefined);
    if (found) return { name: candidate, ...found };
  }
  return undefined;
}

async function headOf(path: string): Promise<Omit<Surveyed, 'name'> | undefined> {
  await using handle = await open(path);
  const stats = await handle.stat();
  if (!stats.isFile()) return undefined;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  const file = recognise(buffer.subarray(0, bytesRead));
  return { file, size: stats.size, modified: Math.floor(stats.mtimeMs) };
}

export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (seen) => seen.isFile(),
    () => false,
  );
}
