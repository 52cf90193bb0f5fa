import type { Writable } from 'node:stream';
import type { FilePart } from './answer.ts';

/** Handed to the socket at once: as many bytes as the blocks of the cache have, so that pieces are whole blocks. */
const PIECE = 256 * 1024;

export interface PumpOptions {
  readonly asset: Pick<FilePart['asset'], 'read'>;
  readonly part: FilePart['part'];
  readonly out: Writable;
  /** Sent before the first byte, in one go with it. */
  readonly head?: Uint8Array | undefined;
  /** Called after each piece with the number of bytes handed over so far. */
  readonly moved: (handed: number) => void;
}

/**
 * Writes the bytes of a part as fast as `out` takes them, the next piece read meanwhile. One piece a turn of the event loop, however
 * ready the other end is: so all transfers get on alike. One that waits for its machine has nothing read for it meanwhile.
 *
 * Resolves when all bytes have been handed over to the kernel. Rejects with an AssetError where a read fails, otherwise where `out` closes.
 */
export function pump(options: PumpOptions): Promise<void> {
  return new Promise((resolve, reject) => new Pump(options, resolve, reject));
}

class Pump {
  readonly #options: PumpOptions;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  #position: number;
  #ahead: Uint8Array | Promise<Uint8Array> | undefined;
  #head: Uint8Array | undefined;
  #waits = false;
  #over = false;

  constructor(options: PumpOptions, resolve: () => void, reject: (error: unknown) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#position = options.part.first;
    this.#head = options.head;
    options.out.on('close', this.#closed);
    if (options.out.destroyed) this.#closed();
    else {
      this.#read();
      this.#step();
    }
  }

  readonly #taken = () => {
    if (!this.#waits) return;
    this.#waits = false;
    this.#read();
    // What takes each piece at once, but tells it later, as a response does, has no more turns than others.
    setImmediate(this.#step);
  };

  readonly #closed = () => this.#end(() => this.#reject(new Error('the connection was closed')));

  readonly #step = () => {
    if (this.#over) return;
    if (this.#ahead instanceof Promise) {
      this.#ahead.then(this.#write, (error: unknown) => this.#end(() => this.#reject(error)));
    } else this.#write(this.#ahead);
  };

  readonly #write = (piece: Uint8Array | undefined) => {
    if (this.#over) return;
    if (piece) this.#position += piece.length;
    const { out, part, moved } = this.#options;
    const written = this.#hand(piece);
    this.#waits = written && out.writableLength > 0;
    // A machine that is slow holds one piece, not two.
    if (this.#waits) this.#ahead = undefined;
    else this.#read();
    moved(this.#position - part.first);
    if (this.#over || this.#waits) return;
    if (this.#ahead === undefined) this.#end(this.#resolve);
    else setImmediate(this.#step);
  };

  #hand(piece: Uint8Array | undefined): boolean {
    const { out } = this.#options;
    const head = this.#head;
    this.#head = undefined;
    if (head && piece) {
      out.cork();
      out.write(head);
      out.write(piece, this.#taken);
      out.uncork();
    } else if (head ?? piece) out.write(head ?? piece, this.#taken);
    return (head ?? piece) !== undefined;
  }

  /** Cut where blocks end, so that each piece is a view of one block. */
  #read(): void {
    const { asset, part } = this.#options;
    const from = this.#position;
    if (from > part.last) {
      this.#ahead = undefined;
      return;
    }
    const end = Math.min(part.last + 1, (Math.floor(from / PIECE) + 1) * PIECE);
    this.#ahead = asset.read(from, end - from);
    // It is awaited in its turn; until then, or if the machine hangs up, its failure is nobody's.
    if (this.#ahead instanceof Promise) this.#ahead.catch(() => {});
  }

  #end(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.out.off('close', this.#closed);
    tell();
  }
}
