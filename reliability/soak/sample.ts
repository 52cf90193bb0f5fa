export const SERVICES = ['dhcp', 'tftp', 'http'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** One service at one moment. */
export interface ServiceSample {
  /** Megabytes (10^6) of resident memory that is the process's own, and of all, with program pages that the kernel drops and reads again at will. */
  readonly memory: number;
  readonly resident: number;
  /** What the main thread's heap holds, after a collection. */
  readonly heap: number;
  /** Open descriptors by kind: { socket: 5, file: 12, … }. */
  readonly descriptors: Readonly<Record<string, number>>;
  readonly threads: number;
  /** Timers of the main thread, and what else keeps it alive. */
  readonly timers: number;
  readonly handles: number;
  /** Megabytes of its journal, with what is not yet written back. */
  readonly journal: number;
}

/** What the load has seen since the sample before. */
export interface LoadSample {
  /** Machines that booted with the right bytes. */
  readonly booted: number;
  /** Why machines that should have booted did not. */
  readonly failed: readonly string[];
  /** Machines that ended in the middle of something, as they were meant to. */
  readonly died: number;
  /** Renewals, reboots with a known address, answers of page, API, events and metrics. */
  readonly answered: number;
  /** What of these got no answer, or a wrong one. */
  readonly unanswered: readonly string[];
  /** Packets and connections that make no sense. */
  readonly garbage: number;
  /** Median of the boots, in milliseconds; null where there were none. */
  readonly bootMs: number | null;
}

export interface Sample {
  /** Seconds since the load began. */
  readonly at: number;
  readonly services: Readonly<Record<ServiceName, ServiceSample>>;
  /** Leases in the database, and its megabytes with what is not yet written back. */
  readonly leases: number;
  readonly leaseFile: number;
  /** Lines in the log since the sample before. */
  readonly logged: number;
  /** Those of them that tell of a fault which nobody had foreseen. */
  readonly faults: readonly string[];
  readonly load: LoadSample;
}

export const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + value, 0);
