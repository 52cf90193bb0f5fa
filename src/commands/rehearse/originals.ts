import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { AssetError } from '../../assets/asset.ts';
import { type Images, openImages } from '../../assets/images.ts';
import { nearest } from '../../assets/nearest.ts';
import type { Paths } from '../../config/profile.ts';

/** A file as it lies in images/, or among the packaged loaders. */
export interface Original {
  readonly bytes: number;
  readonly sha256: string;
}

const AT_ONCE = 1 << 20;

/** What machines should get: the files themselves, where this container sees them. Each is read once. */
export class Originals {
  readonly #paths: Paths;
  readonly #images: Images;
  readonly #known = new Map<string, Promise<Original | undefined>>();

  constructor(paths: Paths) {
    this.#paths = paths;
    this.#images = openImages(paths, () => {});
  }

  /** undefined where there is none, or it cannot be read here. */
  of(name: string): Promise<Original | undefined> {
    const known = this.#known.get(name) ?? this.#read(name);
    this.#known.set(name, known);
    return known;
  }

  /** A name in the folder that is almost this one. */
  async nearest(name: string): Promise<string | undefined> {
    const names = await readdir(this.#paths.images).catch((): string[] => []);
    return nearest(
      name,
      names.filter((one) => !one.startsWith('.')),
    );
  }

  async #read(name: string): Promise<Original | undefined> {
    try {
      const asset = await this.#images.open(name);
      try {
        const hash = createHash('sha256');
        for (let at = 0; at < asset.size; at += AT_ONCE) hash.update(await asset.read(at, AT_ONCE));
        return { bytes: asset.size, sha256: hash.digest('hex') };
      } finally {
        asset.close();
      }
    } catch (error) {
      if (error instanceof AssetError) return undefined;
      throw error;
    }
  }
}
