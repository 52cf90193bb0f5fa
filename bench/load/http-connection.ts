import net from 'node:net';

/** Small enough to stay in the processor's cache until it has been compared. */
const PIECE = 256 * 1024;
/** One for all connections: what arrives is looked at before the next piece is read. */
const buffer = Buffer.allocUnsafeSlow(PIECE);
const HEAD = /^HTTP\/1\.1 200 [\s\S]*?\ncontent-length: *(\d+)/i;

/** Looks at bytes [from, to) of the body, which lie in the buffer until it returns. @returns whether they are right. */
export type Look = (bytes: Buffer, from: number, to: number, at: number) => boolean;

interface Awaited {
  readonly path: string;
  readonly look: Look;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: Error) => void;
}

/** One connection, kept from file to file as iPXE keeps it. */
export class HttpConnection {
  readonly #socket: net.Socket;
  readonly #host: string;
  #awaited: Awaited | undefined;
  #at = -1;
  #length = 0;

  constructor(host: string, port: number, localAddress: string) {
    this.#host = host;
    const onread = { buffer, callback: (count: number) => this.#read(count) };
    this.#socket = net.connect({ host, port, localAddress, onread });
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail(`closed after ${this.#at} bytes`));
  }

  /** @returns the number of bytes. @throws Error for all but the whole file. */
  fetch(path: string, look: Look): Promise<number> {
    this.#at = -1;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nUser-Agent: iPXE/1.21\r\n\r\n`);
    return new Promise((resolve, reject) => {
      this.#awaited = { path, look, resolve, reject };
      if (this.#socket.destroyed) this.#fail('closed');
    });
  }

  close(): void {
    this.#awaited = undefined;
    this.#socket.destroy();
  }

  #read(count: number): boolean {
    let from = 0;
    if (this.#at === -1) {
      const end = buffer.subarray(0, count).indexOf('\r\n\r\n');
      const length = HEAD.exec(buffer.toString('latin1', 0, Math.max(end, 0)))?.[1];
      if (length === undefined)
        return this.#fail(`answered ${buffer.toString('latin1', 0, Math.min(count, 80))}`);
      from = end + 4;
      this.#at = 0;
      this.#length = Number(length);
    }
    const awaited = this.#awaited;
    if (!awaited) return this.#fail('sent more than was asked for');
    if (!awaited.look(buffer, from, count, this.#at)) return this.#fail(`other bytes near ${this.#at}`);
    this.#at += count - from;
    if (this.#at > this.#length) return this.#fail('sent more than it said');
    if (this.#at === this.#length) {
      this.#awaited = undefined;
      awaited.resolve(this.#length);
    }
    return true;
  }

  #fail(why: string): false {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    this.#socket.destroy();
    awaited?.reject(new Error(`${awaited.path}: ${why}`));
    return false;
  }
}
