import { AssetError } from './asset.ts';
import type { HeldFile } from './held-file.ts';
import { assetError } from './system-error.ts';

export interface BlockCacheOptions {
  /** Bytes kept in memory at most; reads in flight come on top. */
  readonly limit: number;
  /** Bytes a block. */
  readonly blockSize: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * A rack asks for one initrd within seconds: held whole, it is read once, however far apart the machines are. What is not held is read
 * again for each of them, from the kernel's cache. So as much as a host can spare without noticing.
 */
export function cacheLimit(): number {
  return Math.min(512 * MEBIBYTE, Math.max(64 * MEBIBYTE, process.availableMemory() / 8));
}

/** A file as the cache reads it. */
export interface BlockSource {
  readonly path: string;
  readonly file: Pick<HeldFile, 'handle' | 'version' | 'isUnchanged'>;
}

/** A block in memory, in the order of use. */
interface Block {
  readonly file: BlockFile;
  readonly index: number;
  readonly bytes: Uint8Array;
  newer: Block | undefined;
  older: Block | undefined;
}

/** What is in memory, or on its way there, of one version of a file. */
class BlockFile {
  readonly key: string;
  readonly path: string;
  readonly blocks: (Block | Promise<Uint8Array> | undefined)[] = [];
  /** How many of them there are. */
  count = 0;

  constructor(key: string, path: string) {
    this.key = key;
    this.path = path;
  }
}

/** Reads one block of a file, at once where it is in memory; the last one of a file is shorter. Rejects with an AssetError. */
export type ReadBlock = (index: number) => Uint8Array | Promise<Uint8Array>;

/**
 * Blocks of files in memory, the least recently used ones dropped first. Known by the file's version: a transfer gets the bytes of the
 * version that it began with, or an error, never a mix of two.
 */
export class BlockCache {
  readonly blockSize: number;
  readonly #limit: number;
  readonly #files = new Map<string, BlockFile>();
  /** Key of the version that was opened last, by path, of files that are in memory. */
  readonly #current = new Map<string, string>();
  #newest: Block | undefined;
  #oldest: Block | undefined;
  #size = 0;

  constructor(options: Partial<BlockCacheOptions> = {}) {
    this.blockSize = options.blockSize ?? 256 * 1024;
    this.#limit = options.limit ?? cacheLimit();
  }

  /** Bytes kept at this moment. */
  get size(): number {
    return this.#size;
  }

  /**
   * How a file that is open is read. What is in memory of it stays there for those who open it next; what is there of a version that it has
   * replaced is dropped, as nobody will open that again.
   */
  reader(source: BlockSource): ReadBlock {
    const { key } = source.file.version;
    let file = this.#files.get(key) ?? new BlockFile(key, source.path);
    this.#replace(file);
    return (index) => {
      // It may have been dropped wholly, and have been begun anew by another reader.
      if (file.count === 0) {
        file = this.#files.get(key) ?? file;
        this.#files.set(key, file);
      }
      const known = file.blocks[index];
      if (known === undefined) return this.#load(source, file, index);
      if (known instanceof Promise) return known;
      this.#use(known);
      return known.bytes;
    };
  }

  #replace({ path, key }: BlockFile): void {
    const before = this.#current.get(path);
    if (before === key) return;
    this.#current.set(path, key);
    const replaced = before === undefined ? undefined : this.#files.get(before);
    for (const block of replaced?.blocks ?? []) if (block && !(block instanceof Promise)) this.#drop(block);
  }

  #load(source: BlockSource, file: BlockFile, index: number): Promise<Uint8Array> {
    const reading = readBlock(source, index * this.blockSize, this.blockSize).then(
      (bytes) => {
        // Another version has replaced it meanwhile: those who still load this one read it for themselves.
        if ((this.#current.get(file.path) ?? file.key) !== file.key) this.#forget(file, index);
        else this.#keep({ file, index, bytes, newer: undefined, older: undefined });
        return bytes;
      },
      (error: unknown) => {
        this.#forget(file, index);
        throw assetError(source.path, error);
      },
    );
    file.blocks[index] = reading;
    file.count++;
    return reading;
  }

  #keep(block: Block): void {
    block.file.blocks[block.index] = block;
    this.#size += block.bytes.length;
    this.#append(block);
    while (this.#size > this.#limit && this.#oldest) this.#drop(this.#oldest);
  }

  #use(block: Block): void {
    if (block === this.#newest) return;
    this.#remove(block);
    this.#append(block);
  }

  #drop(block: Block): void {
    this.#remove(block);
    this.#size -= block.bytes.length;
    this.#forget(block.file, block.index);
  }

  #forget(file: BlockFile, index: number): void {
    file.blocks[index] = undefined;
    if (--file.count > 0) return;
    this.#files.delete(file.key);
    if (this.#current.get(file.path) === file.key) this.#current.delete(file.path);
  }

  #append(block: Block): void {
    block.older = this.#newest;
    if (this.#newest) this.#newest.newer = block;
    this.#newest = block;
    this.#oldest ??= block;
  }

  #remove(block: Block): void {
    const { newer, older } = block;
    if (newer) newer.older = older;
    else this.#newest = older;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    block.newer = undefined;
    block.older = undefined;
  }
}

async function readBlock(
  { path, file }: BlockSource,
  position: number,
  blockSize: number,
): Promise<Uint8Array> {
  const block = Buffer.allocUnsafeSlow(Math.min(blockSize, file.version.size - position));
  let filled = 0;
  while (filled < block.length) {
    const { bytesRead } = await file.handle.read(block, filled, block.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  if (filled < block.length || !(await file.isUnchanged())) {
    throw new AssetError(
      'unreadable',
      `${path} was changed while it was being sent: to replace a file, copy the new one beside it under another name, then mv it over`,
    );
  }
  return block;
}
