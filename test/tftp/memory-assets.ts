import { type Asset, AssetError, type AssetErrorCode, type AssetSource } from '../../src/assets/asset.ts';

/** Files of a test: bytes, or the error that opening them gives. */
export type Files = Record<string, Uint8Array | AssetErrorCode>;

export class MemoryAssets implements AssetSource {
  readonly files: Files;
  /** Files that are open now. */
  opened = 0;
  /** 'promise' answers reads later, as a cold cache does; 'broken' fails them. */
  reads: 'at once' | 'promise' | 'broken' = 'at once';

  constructor(files: Files) {
    this.files = files;
  }

  async open(name: string): Promise<Asset> {
    const bytes = this.files[name.replace(/^\/+/, '')] ?? 'not-found';
    if (typeof bytes === 'string') throw new AssetError(bytes, `${bytes}: ${name}`);
    this.opened += 1;
    return {
      name,
      size: bytes.length,
      read: (offset, length) => this.#read(bytes.subarray(offset, offset + length)),
      close: () => {
        this.opened -= 1;
      },
    };
  }

  #read(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    if (this.reads === 'broken') throw new AssetError('unreadable', 'input/output error');
    return this.reads === 'promise' ? Promise.resolve(bytes) : bytes;
  }
}
