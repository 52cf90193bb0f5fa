import type { Field } from './field.ts';
import type { Images } from './images.ts';

export const SUITES = ['limits', 'dhcp', 'pool', 'tftp', 'http', 'storm', 'boot', 'footprint'] as const;
export type SuiteName = (typeof SUITES)[number];

/** 'full' is what docs/performance.md shows; 'quick' takes two minutes for all suites but those that take as long alone (boot, footprint); 'smoke' only shows that everything runs. */
export type Level = 'full' | 'quick' | 'smoke';

/** What servers are to serve; one folder and one pool, whoever serves them. */
export interface Site {
  /** Which of the services are wanted; a contender that has others leaves those off. */
  readonly services: readonly Service[];
  /** Folder of files, readable for everyone. */
  readonly images: string;
  /** Addresses to lease. 4,096 from 10.16.0.0 on where nothing is said. */
  readonly pool?: { readonly start: string; readonly count: number };
  /** Lease time in seconds, 7,200 where nothing is said. */
  readonly leaseSeconds?: number;
  /** Set for boots alone: what a machine is told to load, by TFTP and then (iPXE) by HTTP. */
  readonly boot?: boolean;
  /** More variables for ours. */
  readonly settings?: Readonly<Record<string, string>>;
}
export type Service = 'dhcp' | 'tftp' | 'http';

/** A server that runs. */
export interface Running {
  /** Processes of it that were started here, not their children. */
  readonly pids: readonly number[];
  /** Folder of its own for leases, settings and logs; gone after stop(). */
  readonly folder: string;
  stop(): Promise<void>;
}

export type ContenderName = 'ours' | 'kea' | 'dnsmasq' | 'tftpd-hpa' | 'atftpd' | 'nginx' | 'dnsmasq + nginx';

export interface Contender {
  readonly name: ContenderName;
  readonly serves: readonly Service[];
  /** What is set other than as it comes, and why; goes into docs/performance.md. */
  readonly settings: string;
  /** Why it cannot take part, with the command that changes it; undefined where it can. */
  missing(): string | undefined;
  version(): string;
  /** Resolves when it answers. */
  start(field: Field, site: Site): Promise<Running>;
}

/** A contender on a field of its own: all of them run at the same time, and all but the one that is measured are idle. */
export interface Player {
  readonly name: ContenderName;
  readonly field: Field;
  readonly running: Running;
}

/** What one run gave; null where it failed, which is said in `remarks` or `wrong`. */
export type Sample = number | null;

/** One row of the table. */
export interface Measurement {
  /** Never changes: what marks.ts names. `tftp-w16-c128` */
  readonly id: string;
  /** For people: `TFTP window 16, 128 clients, 1 MiB each`. */
  readonly work: string;
  /** `MB/s` (10^6), `exchanges/s`, `ms`, `s`, `MB`, `×` … */
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** By contender, in the order of the rounds: samples of one index belong together. */
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  /** What a reader has to know: who failed, who dropped, what a number is of. */
  readonly remarks?: readonly string[];
  /** Must never be: bytes that differ, requests of ours lost where none may be. Makes the exit status 1. */
  readonly wrong?: readonly string[];
}

export interface Context {
  readonly level: Level;
  /** How often each contender has its turn: 5, 3 or 1. A suite may take fewer. */
  readonly rounds: number;
  readonly images: Images;
  log(line: string): void;
  /**
   * Starts those of the contenders that can take part, each on a field of its own; the others are named in the result once.
   * They are stopped when the suite has ended, if `stop` has not been called.
   */
  start(names: readonly ContenderName[], site: Omit<Site, 'images'>): Promise<Players>;
  /** An empty field, for suites that start things themselves; cleared when the suite has ended. */
  field(name: string): Field;
}

export interface Players extends Iterable<Player> {
  readonly players: readonly Player[];
  stop(): Promise<void>;
}

export interface Suite {
  readonly name: SuiteName;
  /** One clear error is enough where something cannot be measured at all: the other suites go on. */
  run(context: Context): Promise<readonly Measurement[]>;
}
