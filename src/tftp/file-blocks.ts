import type { Asset } from '../assets/asset.ts';

/** As large as the blocks of the cache, whose memory is so taken as it is. */
const PIECE = 256 * 1024;

/**
 * An open file as TFTP sees it: blocks, counted from 1. Holds on to the pieces of the file that the latest window lies in, so that a
 * block costs one copy and nothing else.
 */
export class FileBlocks {
  readonly blockSize: number;
  readonly #asset: Asset;
  /** Neighbouring pieces, and the index of the first one of them. */
  #pieces: Buffer[] = [];
  #first = 0;

  constructor(asset: Asset, blockSize: number) {
    this.#asset = asset;
    this.blockSize = blockSize;
  }

  /**
   * Sees to it that these blocks can be copied: at once, or when the promise is fulfilled.
   * @throws Error where they cannot be read, or rejects with it.
   */
  fetch(first: number, last: number): Promise<void> | undefined {
    const offset = (first - 1) * this.blockSize;
    const end = Math.min(last * this.blockSize, this.#asset.size);
    if (offset >= end) return undefined;
    const from = Math.floor(offset / PIECE);
    const to = Math.floor((end - 1) / PIECE);
    if (from >= this.#first && to < this.#first + this.#pieces.length) return undefined;
    return this.#gather(from, to);
  }

  /** Bytes of data in a block: all blocks are equal but the last. */
  length(block: number): number {
    return Math.max(0, Math.min(this.blockSize, this.#asset.size - (block - 1) * this.blockSize));
  }

  /** Copies one of the blocks that have been fetched last. */
  copy(block: number, into: Buffer, at: number): void {
    const offset = (block - 1) * this.blockSize;
    const length = this.length(block);
    if (length === 0) return;
    const index = Math.floor(offset / PIECE);
    const within = offset - index * PIECE;
    const copied = this.#pieces[index - this.#first]!.copy(into, at, within, within + length);
    if (copied < length) this.#pieces[index - this.#first + 1]!.copy(into, at + copied, 0, length - copied);
  }

  /** Lets go of what it holds: for a peer that is slow, the cache decides what stays in memory. */
  release(): void {
    this.#pieces = [];
  }

  #gather(from: number, to: number): Promise<void> | undefined {
    const pieces: (Uint8Array | Promise<Uint8Array>)[] = [];
    for (let index = from; index <= to; index++) {
      pieces.push(this.#pieces[index - this.#first] ?? this.#asset.read(index * PIECE, PIECE));
    }
    if (pieces.every((piece) => piece instanceof Uint8Array)) {
      this.#hold(pieces, from);
      return undefined;
    }
    return Promise.all(pieces).then((read) => this.#hold(read, from));
  }

  #hold(pieces: readonly Uint8Array[], first: number): void {
    for (const [n, piece] of pieces.entries()) {
      const wanted = Math.min(PIECE, this.#asset.size - (first + n) * PIECE);
      if (piece.length < wanted) throw new Error(`the file ends ${wanted - piece.length} bytes early`);
    }
    this.#pieces = pieces.map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length));
    this.#first = first;
  }
}
