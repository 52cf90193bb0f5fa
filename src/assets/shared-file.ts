import { stat } from 'node:fs/promises';
import type { Asset } from './asset.ts';
import type { BlockCache, BlockSource, ReadBlock } from './blocks.ts';
import type { Opened } from './jail.ts';
import { type FileVersion, versionOf } from './version.ts';

/** An asset that also tells which version of the file it is. */
export interface FileAsset extends Asset {
  readonly version: FileVersion;
}

interface SharedFile {
  readonly source: BlockSource;
  readonly name: string;
  readonly block: ReadBlock;
  users: number;
}

/** Open files, one descriptor a version, however many transfers read it. */
export class SharedFiles {
  readonly #cache: BlockCache;
  readonly #files = new Map<string, SharedFile>();
  /** Those that were opened last under their path. */
  readonly #paths = new Map<string, SharedFile>();

  constructor(cache: BlockCache) {
    this.#cache = cache;
  }

  /** The file at a path where it is open already, and still that very version: one look at the path instead of a jail's checks. */
  async again(path: string): Promise<FileAsset | undefined> {
    if (!this.#paths.has(path)) return undefined;
    const stats = await stat(path, { bigint: true }).catch(() => undefined);
    const file = this.#paths.get(path);
    if (!stats || file?.source.file.version.key !== versionOf(stats).key) return undefined;
    return this.#use(file);
  }

  /** Takes over the opened file: its descriptor is closed when the last asset of this version is. */
  asset({ name, file: held }: Opened, path: string): FileAsset {
    const { key } = held.version;
    const known = this.#files.get(key);
    if (known && known.source.file !== held) void held.handle.close().catch(() => {});
    if (known) return this.#use(known, name);
    const source = { path, file: held };
    const file = { source, name, block: this.#cache.reader(source), users: 0 };
    this.#files.set(key, file);
    this.#paths.set(path, file);
    return this.#use(file);
  }

  #use(file: SharedFile, name = file.name): FileAsset {
    const { version } = file.source.file;
    file.users++;
    let open = true;
    return {
      name,
      version,
      size: version.size,
      read: (offset, length) => this.#read(file, offset, length),
      close: () => {
        if (open) this.#release(file);
        open = false;
      },
    };
  }

  #release(file: SharedFile): void {
    if (--file.users > 0) return;
    const { source } = file;
    this.#files.delete(source.file.version.key);
    if (this.#paths.get(source.path) === file) this.#paths.delete(source.path);
    void source.file.handle.close().catch(() => {});
  }

  #read(file: SharedFile, offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const { blockSize } = this.#cache;
    const end = Math.min(offset + length, file.source.file.version.size);
    if (offset >= end) return new Uint8Array(0);
    const first = Math.floor(offset / blockSize);
    const last = Math.floor((end - 1) / blockSize);
    const from = offset - first * blockSize;
    const block = file.block(first);
    if (first === last && block instanceof Uint8Array) return block.subarray(from, from + end - offset);
    const blocks = [block];
    for (let index = first + 1; index <= last; index++) blocks.push(file.block(index));
    const cut = (parts: Uint8Array[]) => joined(parts).subarray(from, from + end - offset);
    if (blocks.every((part) => part instanceof Uint8Array)) return cut(blocks);
    // A read in flight is a user too: closing its descriptor could hand the number to another file.
    file.users++;
    return Promise.allSettled(blocks)
      .finally(() => this.#release(file))
      .then(() => Promise.all(blocks))
      .then(cut);
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
