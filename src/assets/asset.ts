/** An open file of images/. Its bytes come from a cache that all readers share, so reads are usually synchronous. */
export interface Asset {
  /** The name it was found under, relative to images/, without a leading slash. */
  readonly name: string;
  /** Bytes, as of when it was opened. */
  readonly size: number;
  /**
   * The bytes at `offset`; fewer than `length` only at the end of the file, none past it.
   * The view may be shared: callers never write to it.
   *
   * @throws AssetError 'unreadable', or rejects with it.
   */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
  close(): void;
}

/** Where files come from. Names are what clients send: any slashes, any nonsense. */
export interface AssetSource {
  /** Rejects with an AssetError, and with nothing else. */
  open(name: string): Promise<Asset>;
}

/**
 * 'forbidden': outside images/ or hidden; 'not-a-file': a directory or a device;
 * 'unreadable': it is there, but the operating system refuses it.
 */
export type AssetErrorCode = 'not-found' | 'forbidden' | 'not-a-file' | 'unreadable';

/** Why a name could not be opened or read. `message` is for the log and may name paths: it never goes on the wire. */
export class AssetError extends Error {
  readonly code: AssetErrorCode;

  constructor(code: AssetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AssetError';
    this.code = code;
  }
}
