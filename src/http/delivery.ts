import type { Socket } from 'node:net';

/** Bytes of a connection that its peer has not acknowledged; undefined where that cannot be told any more. */
export type Unacknowledged = (socket: Socket) => number | undefined;

/** A machine on a fast network has acknowledged all within a millisecond; one that is slow takes its time. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 50;

/**
 * What the kernel has taken is not with the machine yet: megabytes may lie in its send buffer when that is switched off. Tells when all
 * that had been written to a connection has been acknowledged.
 */
export class Deliveries {
  readonly #unacknowledged: Unacknowledged;
  readonly #open = new WeakMap<Socket, Set<() => void>>();

  constructor(unacknowledged: Unacknowledged) {
    this.#unacknowledged = unacknowledged;
  }

  /** True while something is not acknowledged. */
  has(socket: Socket): boolean {
    return this.#open.has(socket);
  }

  /** A sign of life, as a next request is: what was sent before may have been acknowledged with it. */
  heard(socket: Socket): void {
    for (const check of this.#open.get(socket) ?? []) check();
  }

  /**
   * Called when the last byte has been handed to the kernel. Resolves to the bytes that are missing when all have been acknowledged (0) or
   * the connection has ended. Never rejects.
   */
  delivered(socket: Socket): Promise<number> {
    const written = socket.bytesWritten;
    let missing = this.#missing(socket, written) ?? 0;
    if (missing === 0) return Promise.resolve(0);
    return new Promise((resolve) => {
      let pause = FIRST_LOOK_MS;
      let timer: NodeJS.Timeout | undefined;
      const settle = () => {
        clearTimeout(timer);
        socket.off('end', check);
        socket.off('close', settle);
        this.#remove(socket, check);
        resolve(missing);
      };
      const check = () => {
        missing = this.#missing(socket, written) ?? missing;
        if (missing === 0) settle();
      };
      const wait = () => {
        timer = setTimeout(() => {
          pause = Math.min(2 * pause, LAST_LOOK_MS);
          wait();
          check();
        }, pause);
        timer.unref();
      };
      socket.on('end', check);
      socket.on('close', settle);
      this.#add(socket, check);
      wait();
    });
  }

  /** Of the first `written` bytes. */
  #missing(socket: Socket, written: number): number | undefined {
    const queue = this.#unacknowledged(socket);
    if (queue === undefined) return undefined;
    const later = socket.bytesWritten - socket.writableLength - written;
    // The kernel counts the end of the stream as a byte.
    const end = socket.writableFinished ? 1 : 0;
    return Math.max(0, queue - later - end);
  }

  #add(socket: Socket, check: () => void): void {
    const checks = this.#open.get(socket) ?? new Set();
    this.#open.set(socket, checks.add(check));
  }

  #remove(socket: Socket, check: () => void): void {
    const checks = this.#open.get(socket);
    checks?.delete(check);
    if (checks?.size === 0) this.#open.delete(socket);
  }
}
