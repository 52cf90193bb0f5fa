const TYPES: readonly [RegExp, string][] = [
  [/\.(ipxe|txt|md|cfg|conf|ks|yaml|yml)$/i, 'text/plain; charset=utf-8'],
  [/\.efi$/i, 'application/efi'],
  [/\.json$/i, 'application/json'],
  [/\.iso$/i, 'application/x-iso9660-image'],
];

/** The Content-Type of a file name; boot files have none but a row of bytes. */
export function contentType(name: string): string {
  return TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'application/octet-stream';
}
