import type { Socket } from 'node:net';
import type { Images } from '../assets/images.ts';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import { SERVICE_STOPPED } from '../journal/http-events.ts';
import type { Clock } from '../platform/clock.ts';
import { unacknowledged } from '../platform/tcp-queue.ts';
import { Deliveries } from './delivery.ts';
import { Front } from './front.ts';
import { limitTeller, type Note } from './limited.ts';
import { MachineFiles, type MachineFilesParts } from './machine-files.ts';
import { MOST_AHEAD } from './pipeline.ts';
import { LATE, refuse } from './refusal.ts';
import { isReserved } from './reserved.ts';
import type { SeatCount } from './seat-count.ts';
import { type SeatLimits, Seats } from './seats.ts';
import { Transfers } from './transfer.ts';
import { WireHeads } from './wire-head.ts';

export interface ShortPathParts {
  readonly images: Images;
  readonly generated: MachineFilesParts['generated'];
  readonly sink: Sink;
  readonly clock: Clock;
  /** The number of the next transfer. */
  readonly next: () => number;
  /** The complete http server: takes over a connection, paused, with all that was not read of it. */
  readonly handOver: (socket: Socket) => void;
  readonly limits: SeatLimits;
  readonly count: SeatCount;
  /** Bytes that files may take in memory; slow readers come on top, and are given up where that is much. */
  readonly cacheLimit: number;
}

/** How often idle connections are looked for. */
const SWEEP_MS = 1000;
/** Of files, besides what is kept on purpose: for slow readers, and for what was not yet collected. */
const HELD_BY_READERS = 256 * 1024 * 1024;

/** Everything that answers machines on one thread, but for the complete http server. */
export class ShortPath {
  readonly files: MachineFiles;
  readonly transfers: Transfers;
  readonly deliveries = new Deliveries(unacknowledged);
  readonly seats: Seats;
  /** Tells of what is kept from asking once a burst. */
  readonly note: Note;
  readonly #front: Front;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(parts: ShortPathParts) {
    const { images, generated, sink, clock, next, handOver, limits, count, cacheLimit } = parts;
    const { deliveries } = this;
    const files = new MachineFiles({ images, generated, sink });
    const transfers = new Transfers({ sink, clock, deliveries, next });
    this.note = limitTeller(sink, clock.monotonic, {
      connections: limits.all,
      'connections per address': limits.perAddress,
      pipelining: MOST_AHEAD,
    });
    this.seats = new Seats({
      limits,
      count,
      note: this.note,
      monotonic: clock.monotonic,
      isShort: () => process.memoryUsage().arrayBuffers > cacheLimit + HELD_BY_READERS,
    });
    this.files = files;
    this.transfers = transfers;
    this.#front = new Front({
      files,
      transfers,
      deliveries,
      seats: this.seats,
      heads: new WireHeads(clock.now),
      isReserved,
      handOver,
      late: (socket) => refuse(sink, socket, LATE),
      monotonic: clock.monotonic,
      fault: (error) => sink(unexpected('http', error)),
    });
  }

  start(): void {
    this.#sweeping = setInterval(() => {
      this.#front.sweep();
      this.seats.sweep();
    }, SWEEP_MS).unref();
  }

  readonly accept = (socket: Socket): void => this.#front.accept(socket);

  /** Begins no transfer from now on. Resolves when the last one is over, or `end` is aborted. */
  async finish(end: AbortSignal): Promise<void> {
    this.files.leaving = true;
    if (this.transfers.underWay === 0 || end.aborted) return;
    const ended = new Promise((resolve) => end.addEventListener('abort', resolve, { once: true }));
    await Promise.race([this.transfers.settled(), ended]);
  }

  /** Ends all connections at once. */
  close(): void {
    clearInterval(this.#sweeping);
    this.transfers.ending(SERVICE_STOPPED);
    this.#front.close();
  }
}
