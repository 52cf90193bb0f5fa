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
  readonly #open = new WeakMap<Socket, Waiting>();

  constructor(unacknowledged: Unacknowledged) {
    this.#unacknowledged = unacknowledged;
  }

  /** True while something is not acknowledged. */
  has(socket: Socket): boolean {
    return this.#open.has(socket);
  }

  /** A sign of life, as a next request is: what was sent before may have been acknowledged with it. */
  heard(socket: Socket): void {
    this.#open.get(socket)?.look();
  }

  /**
   * Called when the last byte has been handed to the kernel. Resolves to the bytes that are missing when all have been acknowledged (0) or
   * the connection has ended. Never rejects.
   */
  delivered(socket: Socket): Promise<number> {
    return new Promise((resolve) => {
      const waiting =
        this.#open.get(socket) ??
        new Waiting(socket, this.#unacknowledged, () => {
          this.#open.delete(socket);
        });
      this.#open.set(socket, waiting);
      waiting.add(resolve);
    });
  }
}

/** Of one connection: what was written and is not acknowledged, in its order. */
class Waiting {
  readonly #socket: Socket;
  readonly #unacknowledged: Unacknowledged;
  readonly #over: () => void;
  readonly #marks: { readonly end: number; readonly resolve: (missing: number) => void }[] = [];
  #acknowledged = 0;
  #pause = FIRST_LOOK_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, unacknowledged: Unacknowledged, over: () => void) {
    this.#socket = socket;
    this.#unacknowledged = unacknowledged;
    this.#over = over;
    socket.on('end', this.look);
    socket.on('close', this.#closed);
  }

  add(resolve: (missing: number) => void): void {
    const end = this.#socket.bytesWritten;
    if (this.#socket.closed) {
      resolve(end);
      this.#end();
      return;
    }
    this.#marks.push({ end, resolve });
    this.look();
    if (this.#marks.length > 0 && this.#timer === undefined) this.#wait();
  }

  readonly look = () => {
    const queue = this.#unacknowledged(this.#socket);
    if (queue === undefined && !this.#socket.destroyed) this.#acknowledged = this.#socket.bytesWritten;
    else if (queue !== undefined) this.#acknowledged = this.#handed - queue;
    while (this.#marks.length > 0 && this.#marks[0]!.end <= this.#acknowledged)
      this.#marks.shift()!.resolve(0);
    if (this.#marks.length === 0) this.#end();
  };

  /** Bytes with the kernel; it counts the end of the stream as one. */
  get #handed(): number {
    const { bytesWritten, writableLength, writableFinished } = this.#socket;
    return bytesWritten - writableLength + (writableFinished ? 1 : 0);
  }

  readonly #closed = () => {
    for (const { end, resolve } of this.#marks.splice(0)) resolve(end - this.#acknowledged);
    this.#end();
  };

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#pause = Math.min(2 * this.#pause, LAST_LOOK_MS);
      this.#wait();
      this.look();
    }, this.#pause);
    this.#timer.unref();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#socket.off('end', this.look);
    this.#socket.off('close', this.#closed);
    this.#over();
  }
}
