import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { AssetError } from '../assets/asset.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import type { FilePart } from './answer.ts';
import type { Deliveries } from './delivery.ts';
import { pump } from './pump.ts';

/** How often a transfer tells how far it is, at most. */
const PROGRESS_MS = 500;

/**
 * Bytes that a machine which ends the connection may have and not have acknowledged: a receive window. EDK2 resets as soon as it has read
 * the whole file, and what it acknowledges with that the kernel does not tell.
 */
const UNKNOWABLE = 256 * 1024;

export interface TransfersParts {
  readonly sink: Sink;
  readonly clock: Clock;
  readonly deliveries: Deliveries;
  /** The number of the next transfer in this run of the service. */
  readonly next: () => number;
}

export interface Transfer extends FilePart {
  readonly address: string;
  /** The connection, and what its bytes are written to: that itself, or a response on it. */
  readonly socket: Socket;
  readonly out: Writable;
  readonly head?: Uint8Array | undefined;
  /** Something was handed to the kernel. */
  readonly moved?: () => void;
}

/** Sends parts of files, and tells how that goes. */
export class Transfers {
  readonly #parts: TransfersParts;
  #underWay = 0;
  #settled: (() => void)[] = [];
  #ending: string | undefined;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
  }

  /**
   * Sends the bytes as fast as the machine takes them, and closes the asset. Resolves to true when all are with the kernel, to false where
   * the connection is of no use any more: it ended, or a read failed and the length that was promised cannot be kept. Never rejects.
   */
  async send(transfer: Transfer): Promise<boolean> {
    const { sink, clock } = this.#parts;
    const { asset, part, address, socket, out, head, moved } = transfer;
    const wanted = part.last - part.first + 1;
    const range = wanted === asset.size ? {} : { range: part };
    const about = { transfer: this.#parts.next(), address, name: asset.name, ...range };
    const begun = clock.monotonic();
    const milliseconds = () => Math.round(clock.monotonic() - begun);
    const aborted = (bytes: number, reason: string | undefined) =>
      sink({ kind: 'http.asset.aborted', ...about, bytes, wanted, milliseconds: milliseconds(), reason });
    let handed = 0;
    let toldAt = begun;
    this.#underWay++;
    const sent = () => Math.max(0, handed - out.writableLength);
    sink({ kind: 'http.asset.start', ...about, size: asset.size });
    const tell = (bytes: number) => {
      handed = bytes;
      moved?.();
      const now = clock.monotonic();
      if (now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      sink({ kind: 'http.asset.progress', ...about, bytes: sent(), wanted });
    };
    try {
      await pump({ asset, part, out, head, moved: tell });
    } catch (error) {
      aborted(sent(), error instanceof AssetError ? error.message : this.#ending);
      this.#ended();
      return false;
    } finally {
      asset.close();
    }
    void this.#parts.deliveries.delivered(socket).then((missing) => {
      if (missing > UNKNOWABLE) aborted(Math.max(0, wanted - missing), this.#ending);
      else sink({ kind: 'http.asset.done', ...about, bytes: wanted, milliseconds: milliseconds() });
      this.#ended();
    });
    return true;
  }

  /** Those that have begun and whose end has not been told. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Connections are closed from now on for this reason, and not by machines. */
  ending(reason: string): void {
    this.#ending = reason;
  }

  /** Resolves when the end of each transfer has been told. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#underWay === 0) resolve();
      else this.#settled.push(resolve);
    });
  }

  #ended(): void {
    this.#underWay--;
    if (this.#underWay === 0) for (const resolve of this.#settled.splice(0)) resolve();
  }
}
