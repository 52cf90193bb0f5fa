import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { AssetError, type AssetSource } from './asset.ts';
import { BlockCache } from './blocks.ts';
import { type Jail, jailedName, openJailed } from './jail.ts';
import { packagedNames } from './packaged.ts';
import { type FileAsset, SharedFiles } from './shared-file.ts';

export interface Images extends AssetSource {
  open(name: string): Promise<FileAsset>;
}

/**
 * Everything that machines may read: images/, and where that has no loader of a known name yet, the packaged one.
 * All readers share the same descriptors and the same memory.
 */
export function openImages(
  paths: Pick<Profile['paths'], 'images' | 'loaders'>,
  sink: Sink,
  cache = new BlockCache(),
): Images {
  const files = new SharedFiles(cache);
  const images: Jail = { root: paths.images, links: 'inside' };
  const loaders: Jail = { root: paths.loaders, links: 'anywhere' };
  const said = new Set<string>();

  async function from(jail: Jail, name: string): Promise<FileAsset> {
    const again = await files.again(`${jail.root}/${jailedName(name)}`);
    if (again) return again;
    const opened = await openJailed(jail, name);
    return files.asset(opened, `${jail.root}/${opened.name}`);
  }

  return {
    async open(name) {
      try {
        const asset = await from(images, name);
        said.delete(asset.name);
        return asset;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // The name that is missing from images/ is what the user has to hear of.
        const { packaged, asset } = await fromPackage(name).catch(() => Promise.reject(error));
        if (!said.has(packaged)) sink({ kind: 'asset.loader.packaged', name: packaged, ...paths });
        said.add(packaged);
        return asset;
      }
    },
  };

  function fromPackage(name: string): Promise<{ packaged: string; asset: FileAsset }> {
    const candidates = packagedNames(name);
    return Promise.any(
      candidates.map(async (packaged) => ({ packaged, asset: await from(loaders, packaged) })),
    );
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AssetError && error.code === 'not-found';
}
