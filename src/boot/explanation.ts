import type { Ipv4 } from '../protocol/ipv4.ts';
import type { Firmware } from './client.ts';

/** The machine that somebody asks about. */
export interface Supposed {
  /** "52:54:00:12:34:56" */
  readonly mac: string;
  readonly firmware: Firmware;
  /** Option 93; what such firmware most often says where it is left out. */
  readonly architecture?: number;
  readonly hostName?: string;
  /** The relay that the request comes through. */
  readonly relay?: Ipv4;
}

/** What dhcp would answer a machine's DISCOVER now, without doing it. */
export interface Explanation {
  /** The request in words: the header, then a line an option. */
  readonly request: readonly string[];
  /** The answer in words; absent where there is none. */
  readonly reply?: readonly string[];
  /** The answer as bytes, in hex. */
  readonly bytes?: string;
  /** Where it would be sent. */
  readonly destination?: string;
  /** Why: the decisions that led there, in order, a sentence each. */
  readonly because: readonly string[];
}
