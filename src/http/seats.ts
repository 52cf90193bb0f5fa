import type { Socket } from 'node:net';
import type { HttpLimit } from '../journal/http-events.ts';
import type { Note } from './limited.ts';
import type { SeatCount } from './seat-count.ts';

/** What goes on on a connection. */
export interface Activity {
  /** Something is being answered: it is not ended for another's sake. */
  readonly isBusy: boolean;
  /** When something moved last, in milliseconds. */
  readonly since: number;
}

export interface SeatLimits {
  /** HTTP_CONNECTIONS, or what the system allows. */
  readonly all: number;
  /** HTTP_CONNECTIONS_PER_ADDRESS */
  readonly perAddress: number;
}

export interface SeatsParts {
  readonly limits: SeatLimits;
  readonly count: Pick<SeatCount, 'all' | 'of' | 'add'>;
  readonly note: Note;
  /** Milliseconds since an arbitrary start. */
  readonly monotonic: () => number;
  /** Whether what slow readers hold takes more memory than there should be. */
  readonly isShort: () => boolean;
}

interface Seat {
  readonly socket: Socket;
  readonly address: string;
  activity: Activity;
  /** Its activity as of when it was put where it stands in the order. */
  stood: number;
  lookedAt: number;
  written: number;
}

/** Of the limit; beyond it connections are given up sooner. */
const CROWDED = 3 / 4;
/** A search for one that is idle ends here: busy ones are passed over, and not looked at again soon. */
const MOST_LOOKED_AT = 256;
/** Where it is crowded: bytes in a second, over so many milliseconds, below which a reader is given up. Fleets on one cable get more each. */
const CRAWL = 16_000;
const CRAWLING_FOR = 10_000;

/** The open connections of a thread, whoever answers on them, in the order in which they were active last. */
export class Seats {
  readonly #parts: SeatsParts;
  readonly #all = new Map<Socket, Seat>();
  readonly #byAddress = new Map<string, Set<Seat>>();

  constructor(parts: SeatsParts) {
    this.#parts = parts;
  }

  get isCrowded(): boolean {
    const { count, limits, isShort } = this.#parts;
    return count.all > limits.all * CROWDED || isShort();
  }

  /**
   * Takes in a connection. Where there is no room, the one that has been idle for longest is ended for it: of its address, or of all.
   *
   * @returns false where all are busy: the connection has been reset.
   */
  take(socket: Socket, activity: Activity): boolean {
    const { count, limits } = this.#parts;
    const address = socket.remoteAddress ?? 'unknown';
    const own = this.#byAddress.get(address);
    const hasRoom =
      (count.of(address) < limits.perAddress ||
        this.#replace(own ?? NONE, 'connections per address', address)) &&
      (count.all < limits.all || this.#replace(this.#all.values(), 'connections', address));
    if (!hasRoom) {
      socket.resetAndDestroy();
      return false;
    }
    this.#add({ socket, address, activity, stood: activity.since, lookedAt: 0, written: 0 });
    return true;
  }

  /** Another one answers on it from now on. */
  passOn(socket: Socket, activity: Activity): void {
    const seat = this.#all.get(socket);
    if (seat) seat.activity = activity;
  }

  /** To be called every second or so: where it is crowded, readers that hardly get on are given up. */
  sweep(): void {
    if (!this.isCrowded) return;
    const now = this.#parts.monotonic();
    for (const seat of this.#all.values()) {
      if (!seat.activity.isBusy || !crawls(seat, now)) continue;
      this.#parts.note('slow', seat.address);
      seat.socket.destroy();
    }
  }

  #add(seat: Seat): void {
    const { socket, address } = seat;
    this.#all.set(socket, seat);
    const own = this.#byAddress.get(address);
    if (own) own.add(seat);
    else this.#byAddress.set(address, new Set([seat]));
    this.#parts.count.add(address, 1);
    socket.once('close', () => this.#leave(seat));
  }

  #leave(seat: Seat): void {
    const { socket, address } = seat;
    if (!this.#all.delete(socket)) return;
    const own = this.#byAddress.get(address);
    own?.delete(seat);
    if (own?.size === 0) this.#byAddress.delete(address);
    this.#parts.count.add(address, -1);
  }

  #replace(seats: Iterable<Seat>, limit: HttpLimit, address: string): boolean {
    this.#parts.note(limit, address);
    const idle = this.#oldestIdle(seats);
    if (!idle) return false;
    // At once: its 'close' comes later.
    this.#leave(idle);
    idle.socket.destroy();
    return true;
  }

  #oldestIdle(seats: Iterable<Seat>): Seat | undefined {
    let looked = 0;
    for (const seat of seats) {
      if (++looked > MOST_LOOKED_AT) return undefined;
      const { isBusy, since } = seat.activity;
      if (!isBusy && since <= seat.stood) return seat;
      seat.stood = since;
      this.#putLast(seat);
    }
    return undefined;
  }

  #putLast(seat: Seat): void {
    this.#all.delete(seat.socket);
    this.#all.set(seat.socket, seat);
    const own = this.#byAddress.get(seat.address);
    own?.delete(seat);
    own?.add(seat);
  }
}

const NONE: readonly Seat[] = [];

/** What is written does not get away, or hardly. */
function crawls(seat: Seat, now: number): boolean {
  const { bytesWritten, writableLength } = seat.socket;
  const written = bytesWritten - writableLength;
  const milliseconds = now - seat.lookedAt;
  if (seat.lookedAt > 0 && milliseconds < CRAWLING_FOR) return false;
  const slow =
    seat.lookedAt > 0 && writableLength > 0 && (written - seat.written) * 1000 < CRAWL * milliseconds;
  // A look of long ago says nothing of now.
  const isRecent = milliseconds < 3 * CRAWLING_FOR;
  seat.lookedAt = now;
  seat.written = written;
  return slow && isRecent;
}
