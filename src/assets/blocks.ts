import type { FileHandle } from 'node:fs/promises';
import { AssetError } from './asset.ts';
import { assetError } from './system-error.ts';
import { type FileVersion, versionOf } from './version.ts';

export interface BlockCacheOptions {
  /** Bytes kept in memory at most; reads in flight come on top. */
  readonly limit: number;
  /** Bytes a block. */
  readonly blockSize: number;
}

const DEFAULTS: BlockCacheOptions = { limit: 64 * 1024 * 1024, blockSize: 256 * 1024 };

/** A file as the cache reads it. */
export interface BlockSource {
  readonly path: string;
  readonly handle: FileHandle;
  readonly version: FileVersion;
}

/**
 * Blocks of files in memory, the least recently used ones dropped first. Keyed by the file's version: a transfer
 * gets the bytes of the version that it began with, or an error, never a mix of two.
 */
export class BlockCache {
  readonly blockSize: number;
  readonly #limit: number;
  readonly #blocks = new Map<string, Uint8Array>();
  readonly #pending = new Map<string, Promise<Uint8Array>>();
  #size = 0;

  constructor(options: Partial<BlockCacheOptions> = {}) {
    this.blockSize = options.blockSize ?? DEFAULTS.blockSize;
    this.#limit = options.limit ?? DEFAULTS.limit;
  }

  /** Bytes kept at this moment. */
  get size(): number {
    return this.#size;
  }

  /** One block, at once where it is cached; the last one of a file is shorter. Rejects with an AssetError. */
  block(source: BlockSource, index: number): Uint8Array | Promise<Uint8Array> {
    const key = `${source.version.key}:${index}`;
    const cached = this.#blocks.get(key);
    if (cached) {
      this.#blocks.delete(key);
      this.#blocks.set(key, cached);
      return cached;
    }
    const pending = this.#pending.get(key) ?? this.#load(source, index, key);
    this.#pending.set(key, pending);
    return pending;
  }

  async #load(source: BlockSource, index: number, key: string): Promise<Uint8Array> {
    try {
      const block = await readBlock(source, index * this.blockSize, this.blockSize);
      this.#keep(key, block);
      return block;
    } catch (error) {
      throw assetError(source.path, error);
    } finally {
      this.#pending.delete(key);
    }
  }

  #keep(key: string, block: Uint8Array): void {
    this.#blocks.set(key, block);
    this.#size += block.length;
    for (const [oldest, { length }] of this.#blocks) {
      if (this.#size <= this.#limit) return;
      this.#blocks.delete(oldest);
      this.#size -= length;
    }
  }
}

async function readBlock(source: BlockSource, position: number, blockSize: number): Promise<Uint8Array> {
  const { handle, version } = source;
  const block = Buffer.allocUnsafeSlow(Math.min(blockSize, version.size - position));
  let filled = 0;
  while (filled < block.length) {
    const { bytesRead } = await handle.read(block, filled, block.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  const after = versionOf(await handle.stat({ bigint: true }));
  if (filled < block.length || after.key !== version.key) {
    throw new AssetError('unreadable', `${source.path} was changed while it was being sent`);
  }
  return block;
}
