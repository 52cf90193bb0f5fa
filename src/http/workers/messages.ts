import type { Profile } from '../../config/profile.ts';
import type { Event } from '../../journal/event.ts';
import type { Loose } from '../../platform/tcp-handover.ts';
import type { Served } from '../generated-files.ts';
import type { Place } from '../listen.ts';
import type { SeatLimits } from '../seats.ts';

/** The generated files, and what else is known of images/, as the main thread told it last. */
export interface Texts {
  /** Grows with each that differs; never 0. */
  readonly generation: number;
  readonly served: Served;
  readonly problems: readonly string[];
  readonly names: readonly string[];
}

/** What a thread is started with. */
export interface Commission {
  readonly place: Place;
  readonly paths: Pick<Profile['paths'], 'images' | 'loaders'>;
  /** Bytes of files that it may keep in memory. */
  readonly cacheLimit: number;
  /** See {@link CELL}. */
  readonly cells: Int32Array;
  readonly limits: SeatLimits;
  /** See SeatCount. */
  readonly seatCells: Int32Array;
}

/** Numbers that all threads see at once. */
export const CELL = {
  /** The generation of the newest texts; negative where images/ may have changed since, so that one has to ask. */
  generation: 0,
  /** Transfers so far, of all threads. */
  transfers: 1,
} as const;

export function newCells(): Int32Array {
  const { BYTES_PER_ELEMENT } = Int32Array;
  return new Int32Array(new SharedArrayBuffer(Object.keys(CELL).length * BYTES_PER_ELEMENT));
}

/** The number of the next transfer. */
export function nextTransfer(cells: Int32Array): number {
  return Atomics.add(cells, CELL.transfers, 1) + 1;
}

/** What the main thread sends. */
export type Order =
  /** `answers` where they were asked for. */
  | { readonly kind: 'texts'; readonly texts: Texts; readonly answers: boolean }
  /** Nothing new is to be begun. */
  | { readonly kind: 'finish' }
  | { readonly kind: 'stop' };

/** What a thread sends. */
export type Word =
  | { readonly kind: 'listening' }
  /** In their order. */
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  /** A connection that takes the complete http server; it came after all events that were sent before. */
  | { readonly kind: 'connection'; readonly loose: Loose }
  /** The texts as of now are wanted. */
  | { readonly kind: 'ask' }
  /** After 'finish': no transfer is under way any more. */
  | { readonly kind: 'finished' }
  /** All that there was has been told. */
  | { readonly kind: 'stopped' };
