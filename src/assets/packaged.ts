/** The loaders that Debian's ipxe package has; only these names ever leave images/. */
const PACKAGED_LOADERS = new Set([
  'undionly.kpxe',
  'undionly.kkpxe',
  'ipxe.pxe',
  'ipxe.efi',
  'snponly.efi',
  'ipxe-amd64.efi',
  'ipxe-arm64.efi',
  'snponly-arm64.efi',
]);

/** The packaged loader that a requested name means; undefined for every other name. */
export function packagedName(requested: string): string | undefined {
  const name = requested.replaceAll('\\', '/').replace(/^\/+/, '');
  return PACKAGED_LOADERS.has(name) ? name : undefined;
}
