import type { Socket } from 'node:net';
import { Connection, type ConnectionParts, type ConnectionState } from './connection.ts';
import type { Deliveries } from './delivery.ts';
import type { Seats } from './seats.ts';
import { KEEP_ALIVE_MS } from './wire-head.ts';

/** A machine that does nothing for so long has been switched off. Firmware pauses for less, also while it writes. */
export const IDLE_MS = 300_000;
/** From connecting to the end of the first request's head. */
export const HEAD_MS = 60_000;

/** How long a connection may be in each of its states without anything moving. */
const LIMITS_MS: Readonly<Record<ConnectionState, number>> = {
  new: HEAD_MS,
  waits: KEEP_ALIVE_MS,
  answers: IDLE_MS,
  closes: KEEP_ALIVE_MS,
};

/** The same where connections are short: a machine that has just connected asks at once, one that goes on does so within seconds. */
const CROWDED_MS: Readonly<Record<ConnectionState, number>> = {
  ...LIMITS_MS,
  new: 10_000,
  waits: 15_000,
  closes: 10_000,
};

export interface FrontParts extends ConnectionParts {
  readonly seats: Pick<Seats, 'take' | 'isCrowded'>;
  readonly deliveries: Deliveries;
  /** A connection on which no request came in time. */
  readonly late: (socket: Socket) => void;
}

/** Connections that are answered on the short path, until something comes that is not for it. */
export class Front {
  readonly #parts: FrontParts;
  readonly #connections = new Set<Connection>();

  constructor(parts: FrontParts) {
    this.#parts = parts;
  }

  accept(socket: Socket): void {
    const connection = new Connection(socket, this.#parts, () => this.#connections.delete(connection));
    if (this.#parts.seats.take(socket, connection)) this.#connections.add(connection);
  }

  /** To be called every second or so: ends what has been idle for too long. */
  sweep(): void {
    const now = this.#parts.monotonic();
    const limits = this.#parts.seats.isCrowded ? CROWDED_MS : LIMITS_MS;
    for (const connection of this.#connections) {
      const { state, since, socket } = connection;
      const limit = this.#parts.deliveries.has(socket) ? IDLE_MS : limits[state];
      if (now - since < limit) continue;
      if (state === 'new') connection.leave(this.#parts.late);
      else socket.destroy();
    }
  }

  /** Ends all of them at once. */
  close(): void {
    for (const { socket } of this.#connections) socket.destroy();
  }
}
