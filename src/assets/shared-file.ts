import type { Asset } from './asset.ts';
import type { BlockCache, BlockSource } from './blocks.ts';
import type { Opened } from './jail.ts';
import type { FileVersion } from './version.ts';

/** An asset that also tells which version of the file it is. */
export interface FileAsset extends Asset {
  readonly version: FileVersion;
}

/** Open files, one descriptor a version, however many transfers read it. */
export class SharedFiles {
  readonly #cache: BlockCache;
  readonly #files = new Map<string, { source: BlockSource; users: number }>();

  constructor(cache: BlockCache) {
    this.#cache = cache;
  }

  /** Takes over the opened file: its descriptor is closed when the last asset of this version is. */
  asset(opened: Opened, path: string): FileAsset {
    const { name, handle, version } = opened;
    const shared = this.#files.get(version.key) ?? { source: { path, handle, version }, users: 0 };
    if (shared.source.handle !== handle) void handle.close().catch(() => {});
    this.#files.set(version.key, shared);
    shared.users++;
    let open = true;
    const release = () => {
      if (--shared.users > 0) return;
      this.#files.delete(version.key);
      void shared.source.handle.close().catch(() => {});
    };
    return {
      name,
      version,
      size: version.size,
      read: (offset, length) => this.#read(shared, release, offset, length),
      close() {
        if (open) release();
        open = false;
      },
    };
  }

  #read(
    shared: { source: BlockSource; users: number },
    release: () => void,
    offset: number,
    length: number,
  ): Uint8Array | Promise<Uint8Array> {
    const { blockSize } = this.#cache;
    const end = Math.min(offset + length, shared.source.version.size);
    if (offset >= end) return new Uint8Array(0);
    const first = Math.floor(offset / blockSize);
    const last = Math.floor((end - 1) / blockSize);
    const blocks: (Uint8Array | Promise<Uint8Array>)[] = [];
    for (let index = first; index <= last; index++) blocks.push(this.#cache.block(shared.source, index));
    const from = offset - first * blockSize;
    const cut = (parts: Uint8Array[]) => joined(parts).subarray(from, from + end - offset);
    if (blocks.every((block) => block instanceof Uint8Array)) return cut(blocks);
    // A read in flight is a user too: closing its descriptor could hand the number to another file.
    shared.users++;
    return Promise.allSettled(blocks)
      .finally(release)
      .then(() => Promise.all(blocks))
      .then(cut);
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
