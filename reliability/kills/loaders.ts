import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { loaderSources } from '../../src/config/loader-sources.ts';
import { readSettings } from '../../src/config/settings.ts';
import { nbp, pe } from '../../test/assets/headers.ts';

/** Each request gets another one: whatever is put together from two shows. */
export const EDITIONS = 2;
const EFI_BYTES = 4 << 20;
/** The most that a BIOS machine can load. */
const BIOS_BYTES = 600 << 10;
const PACKAGED = '/usr/lib/ipxe';

const sources = Object.values(loaderSources(defaults()));

function defaults() {
  const read = readSettings({ LOADER_MIRROR: 'http://127.0.0.1/' });
  if ('problems' in read) throw new Error('the defaults are wrong');
  return read.settings;
}

/** Names in images/. */
export const LOADERS = sources.map(({ name }) => name);

/** What the mirror has at that path. */
export function loaderOf(path: string, edition: number): Buffer | undefined {
  const source = sources.find(({ url }) => new URL(url).pathname === path);
  if (!source) return undefined;
  const { architecture } = source;
  const bytes = architecture === 'bios' ? nbp(BIOS_BYTES) : pe(architecture, EFI_BYTES);
  return bytes.fill(`edition ${edition} `, bytes.length >> 1);
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of everything that may be loaded under a loader's name: each edition of the mirror's, and the packaged one until it is there. */
export function goodLoaders(): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    sources.map(({ name, url }) => {
      const editions = Array.from(
        { length: EDITIONS },
        (_, edition) => loaderOf(new URL(url).pathname, edition)!,
      );
      const packaged = `${PACKAGED}/${name}`;
      const all = existsSync(packaged) ? [...editions, readFileSync(packaged)] : editions;
      return [name, new Set(all.map(sha256))];
    }),
  );
}
