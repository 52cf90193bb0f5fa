import type { Coverage } from '../../journal/coverage.ts';
import type { Level } from '../../journal/line.ts';
import type { Machine, MachineSummary } from '../../journal/timeline/model.ts';
import type { Ipv4 } from '../../protocol/ipv4.ts';
import type { LeaseView, LogLine, PacketInWords } from '../api/shapes.ts';
import type { Measurement } from '../metrics/measurement.ts';

/** What of the log is wanted: the newest `limit` lines before a moment, of one machine, of one service, of a level and those above it. */
export interface LogQuery {
  readonly mac?: string;
  readonly service?: LogLine['service'];
  readonly level?: Level;
  /** Milliseconds since 1970. */
  readonly before?: number;
  readonly limit: number;
}

export interface AddressRange {
  readonly first: Ipv4;
  readonly count: number;
}

/** How many addresses are in each state. */
export type LeaseStates = Readonly<Record<LeaseView['state'], number>>;

/** What can be asked of the journals, and what comes back. */
export interface Asks {
  readonly machines: { readonly question: Record<never, never>; readonly answer: readonly MachineSummary[] };
  readonly machine: { readonly question: { readonly mac: string }; readonly answer: Machine | undefined };
  readonly packets: {
    readonly question: { readonly mac: string; readonly from: number; readonly to: number };
    readonly answer: readonly PacketInWords[];
  };
  readonly log: { readonly question: { readonly query: LogQuery }; readonly answer: readonly LogLine[] };
  /** A JSON array of LeaseView: there may be a million, which another thread had better write down. */
  readonly leases: { readonly question: Record<never, never>; readonly answer: Uint8Array };
  readonly leaseStates: {
    readonly question: { readonly ranges: readonly AddressRange[] };
    readonly answer: readonly LeaseStates[];
  };
  readonly coverage: { readonly question: Record<never, never>; readonly answer: Coverage };
  readonly problems: { readonly question: Record<never, never>; readonly answer: readonly string[] };
}

/** One event of the live feed, its data as JSON already: it is made once for all who listen. */
export interface Frame {
  readonly event: 'machine' | 'log' | 'leases';
  readonly data: string;
}

/** What is new since the last one. */
export interface Change {
  /** The journals have been read from their beginning again: whoever shows something has to load it anew. */
  readonly anew: boolean;
  /** Empty while nobody listens. */
  readonly frames: readonly Frame[];
  readonly measurements: readonly Measurement[];
}

/** The journals of the three services as http sees them; every question is answered by another thread. */
export interface Observed {
  machines(): Promise<readonly MachineSummary[]>;
  machine(mac: string): Promise<Machine | undefined>;
  /** DHCP packets of that time, both ends included, in milliseconds since 1970; the oldest first, no more than {@link PACKETS_AT_ONCE}. */
  packets(mac: string, from: number, to: number): Promise<readonly PacketInWords[]>;
  /** The newest last. */
  log(query: LogQuery): Promise<readonly LogLine[]>;
  /** A JSON array of LeaseView, by address. */
  leases(): Promise<Uint8Array>;
  /** Of each of these ranges. */
  leaseStates(ranges: readonly AddressRange[]): Promise<readonly LeaseStates[]>;
  /** As it was last known; never rejects. */
  coverage(): Promise<Coverage>;
  /** What is wrong with the journals or their reading, in words; never rejects. */
  problems(): Promise<readonly string[]>;
  /** Tells what changes; call the answer to end it. */
  onChange(listener: (change: Change) => void): () => void;
  /** Whether anybody wants frames; making them for nobody costs time that boots could use. */
  wantFrames(wanted: boolean): void;
}

/** A question could not be answered now; it may be asked again. */
export class ObserverError extends Error {
  override readonly name = 'ObserverError';
}

/** So many packets are answered in one go. */
export const PACKETS_AT_ONCE = 500;

/** JOURNAL=off: nothing is recorded, and that is said. */
export const unobserved: Observed = {
  machines: async () => [],
  machine: async () => undefined,
  packets: async () => [],
  log: async () => [],
  leases: async () => Buffer.from('[]'),
  leaseStates: async () => [],
  coverage: async () => ({ runs: [], gaps: [] }),
  problems: async () => [
    'JOURNAL=off: nothing is recorded, so no boots are shown. Set JOURNAL=on in .env and start the services again',
  ],
  onChange: () => () => undefined,
  wantFrames: () => undefined,
};
