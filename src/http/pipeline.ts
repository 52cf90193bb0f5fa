import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Note } from './limited.ts';
import type { Activity } from './seats.ts';

/** Requests that are sent ahead of their answers: browsers send none, and programs a handful. */
export const MOST_AHEAD = 64;

/** What the complete http server has to answer on one connection. */
class Pending implements Activity {
  since: number;
  answers = 0;
  isBroken = false;
  whenDone: (() => void) | undefined;
  /** The last request may still be coming. */
  last: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;

  constructor(since: number) {
    this.since = since;
  }

  get isBusy(): boolean {
    return this.answers > 0;
  }

  /** Answers that will come. The last one will not, where it waits for a body that is broken off. */
  get due(): number {
    const { request, response } = this.last ?? {};
    const isLost = request && response && !request.complete && !response.headersSent && !response.closed;
    return this.answers - (isLost ? 1 : 0);
  }

  settle(): void {
    if (!this.whenDone || this.due > 0) return;
    this.whenDone();
    this.whenDone = undefined;
  }
}

export interface PipelineParts {
  readonly monotonic: () => number;
  readonly note: Note;
}

/** The connections of the complete http server: it takes requests from them before it has answered those that came first. */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #pending = new WeakMap<object, Pending>();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  activityOf(socket: object): Activity {
    return this.#of(socket);
  }

  /** @returns false where too many wait on this connection already, which has been ended for it. */
  enter(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const pending = this.#of(socket);
    if (pending.isBroken || pending.answers >= MOST_AHEAD) {
      if (!pending.isBroken) this.#parts.note('pipelining', socket.remoteAddress ?? 'unknown');
      pending.isBroken = true;
      socket.destroy();
      return false;
    }
    pending.answers += 1;
    pending.last = { request, response };
    pending.since = this.#parts.monotonic();
    response.once('close', () => {
      pending.answers -= 1;
      pending.since = this.#parts.monotonic();
      pending.settle();
    });
    return true;
  }

  /** What comes next on this connection is no request: `then` is called, once, when all that came before has been answered. */
  broken(socket: object, then: () => void): void {
    const pending = this.#of(socket);
    if (pending.isBroken) return;
    pending.isBroken = true;
    pending.whenDone = then;
    pending.settle();
  }

  #of(socket: object): Pending {
    const known = this.#pending.get(socket);
    if (known) return known;
    const pending = new Pending(this.#parts.monotonic());
    this.#pending.set(socket, pending);
    return pending;
  }
}

/** Resolves when it is the answer's turn to be written, so that nothing is fetched for it before; false where the connection has ended. */
export function turnOf(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.socket || response.destroyed) return resolve(!response.destroyed);
    const { socket } = response.req;
    const come = (isThere: boolean) => () => {
      response.off('socket', there);
      // The answer itself hears of that only once it has a turn.
      socket.off('close', gone);
      resolve(isThere);
    };
    const there = come(true);
    const gone = come(false);
    response.once('socket', there);
    // One for each answer that waits, and those of the connection itself; Node takes more than ten for a leak.
    socket.setMaxListeners(2 * MOST_AHEAD);
    socket.once('close', gone);
  });
}
