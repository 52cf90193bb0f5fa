import type { Service } from '../config/resolve.ts';
import type { Event } from './event.ts';

/** An event as a service's journal keeps it. */
export interface Recorded {
  readonly service: Service;
  /** Grows within one service's journal; says nothing about another's. */
  readonly id: number;
  /** Milliseconds since 1970, by the host's clock: the three containers share it. */
  readonly at: number;
  readonly event: Event;
}

/** A stretch of time in which a service kept its journal, from its start to its last sign of life. Milliseconds since 1970. */
export interface Run {
  readonly service: Service;
  readonly from: number;
  /** The service signs every {@link SIGN_EVERY_MS} while it lives. */
  readonly seen: number;
  /** It said goodbye at `seen`; false for one that runs, or that was killed. */
  readonly ended: boolean;
}

/** Events that a service could not keep: its disk was full, its database locked, or they came too fast. */
export interface Gap {
  readonly service: Service;
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

/** How often a service signs that it is recording. */
export const SIGN_EVERY_MS = 2000;
