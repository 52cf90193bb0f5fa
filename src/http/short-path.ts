import type { Socket } from 'node:net';
import type { Images } from '../assets/images.ts';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import type { Clock } from '../platform/clock.ts';
import { unacknowledged } from '../platform/tcp-queue.ts';
import { Deliveries } from './delivery.ts';
import { Front } from './front.ts';
import { MachineFiles, type MachineFilesParts } from './machine-files.ts';
import { LATE, refuse } from './refusal.ts';
import { isReserved } from './reserved.ts';
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
}

/** How often idle connections are looked for. */
const SWEEP_MS = 1000;

/** Everything that answers machines on one thread, but for the complete http server. */
export class ShortPath {
  readonly files: MachineFiles;
  readonly transfers: Transfers;
  readonly deliveries = new Deliveries(unacknowledged);
  readonly #front: Front;
  #sweeping: NodeJS.Timeout | undefined;

  constructor({ images, generated, sink, clock, next, handOver }: ShortPathParts) {
    const { deliveries } = this;
    const files = new MachineFiles({ images, generated, sink });
    const transfers = new Transfers({ sink, clock, deliveries, next });
    this.files = files;
    this.transfers = transfers;
    this.#front = new Front({
      files,
      transfers,
      deliveries,
      heads: new WireHeads(clock.now),
      isReserved,
      handOver,
      late: (socket) => refuse(sink, socket, LATE),
      monotonic: clock.monotonic,
      fault: (error) => sink(unexpected('http', error)),
    });
  }

  start(): void {
    this.#sweeping = setInterval(() => this.#front.sweep(), SWEEP_MS).unref();
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
    this.transfers.ending('the service stopped');
    this.#front.close();
  }
}
