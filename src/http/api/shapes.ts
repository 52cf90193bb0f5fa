import type { Service } from '../../config/resolve.ts';
import type { Level } from '../../journal/line.ts';

/**
 * What the API answers with besides machines (journal/timeline/model.ts), as JSON. Times are milliseconds since 1970, addresses dotted, sizes
 * bytes. The browser's code is checked against these, the OpenAPI document against real answers.
 */

/** GET /api/appliance: what is served, and how. */
export interface Appliance {
  readonly version: string;
  readonly adapter: { readonly name: string; readonly address: string; readonly subnet: string };
  /** As dhcp runs: 'auto' only where it is not known what dhcp has decided. */
  readonly mode: 'server' | 'proxy' | 'auto';
  readonly addresses: { readonly dhcp: string; readonly tftp: string; readonly http: string };
  readonly httpPort: number;
  /** Whether write calls from this caller's address need a token. */
  readonly needsToken: boolean;
}

/** GET /api/health and event `health`. missing: it does not answer and has said goodbye, or never ran. silent: it ran and went without a word. */
export interface Health {
  readonly services: readonly ServiceHealth[];
  /** What is wrong with the journal, in words; the page then lags or has holes. */
  readonly journal: readonly string[];
}

export interface ServiceHealth {
  readonly service: Service;
  readonly state: 'running' | 'failing' | 'missing' | 'silent';
  /** In words; empty where all is well. */
  readonly problems: readonly string[];
  /** When it was started; absent where that is not known. */
  readonly since?: number;
  /** Its last sign of life; absent where there never was one. */
  readonly seen?: number;
}

/** GET /api/leases. POST /api/leases/{address}/release, with {}, frees one and answers with {@link Released}. */
export interface Leases {
  readonly pools: readonly Pool[];
  readonly leases: readonly LeaseView[];
}

export interface Pool {
  /** "10.0.0.0/24" */
  readonly subnet: string;
  readonly first: string;
  readonly count: number;
  readonly reserved: readonly { readonly address: string; readonly holder: string }[];
}

export interface LeaseView {
  readonly address: string;
  readonly mac: string;
  readonly hostName: string;
  /** expired: its time is over; the address waits for its machine until somebody else needs it. */
  readonly state: 'bound' | 'expired' | 'released' | 'declined';
  readonly expires: number;
}

/** An address that the operator has freed: on disk before this is answered. */
export interface Released {
  readonly address: string;
  /** Whose it was; of a declined one, who found it in use. */
  readonly mac: string;
  readonly was: 'bound' | 'expired' | 'released' | 'declined';
}

/** GET /api/images. */
export interface Images {
  /** What machines boot, or why they cannot. */
  readonly choice:
    | {
        readonly ready: true;
        readonly kernel: string;
        readonly initrds: readonly string[];
        readonly cmdline: string;
        readonly summary: string;
        readonly notes: readonly string[];
      }
    | { readonly ready: false; readonly reason: string; readonly remedy: string };
  readonly files: readonly ImageFile[];
  readonly unreadable: readonly { readonly name: string; readonly why: string }[];
}

export interface ImageFile {
  readonly name: string;
  readonly kind: 'kernel' | 'initrd' | 'efi' | 'nbp' | 'other';
  /** "Linux kernel 6.1.0-40-amd64 for x64", as far as the file tells. */
  readonly what: string;
  readonly version?: string;
  readonly architecture?: string;
  readonly size: number;
  readonly modified: number;
  /** "kernel", "initrd", "loader of UEFI x64": what it is used as; empty for the others. */
  readonly roles: readonly string[];
  /** Not in images/: Debian's, which comes with the appliance and stands in. */
  readonly packaged: boolean;
}

/** GET /api/machines/{mac}/packets: DHCP packets, the oldest first. */
export interface PacketInWords {
  readonly at: number;
  readonly direction: 'received' | 'sent';
  /** "DISCOVER", "OFFER" … */
  readonly message: string;
  /** The header, then a line an option. */
  readonly lines: readonly string[];
}

/** GET /api/machines/{mac}/script: what this machine would be given now. */
export interface Script {
  readonly name: string;
  readonly url: string;
  readonly made: 'generated' | 'edited';
  readonly text: string;
}

/** GET /api/log and event `log`, the newest last. */
export interface LogLine {
  readonly at: number;
  readonly service: Service;
  readonly level: Level;
  readonly mac?: string;
  readonly text: string;
}

/**
 * GET /api/explain?mac=…&firmware=…&architecture=…&hostName=…&relay=…: what dhcp would answer now, without doing it. `firmware` and what
 * follows may be left out; `architecture` is the number of option 93.
 */
export type { BootChain, FileLink, Link } from '../../boot/chain.ts';

/** Every error of the API. */
export interface Failure {
  readonly error: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * GET /events, server-sent events. After (re)connecting comes `hello`, and the page loads anew what it shows; then only changes.
 * machine: MachineSummary. log: LogLine[]. health: Health. leases, images: {} (load them anew where they are shown).
 */
export interface Events {
  readonly hello: { readonly version: string };
  readonly machine: import('../../journal/timeline/model.ts').MachineSummary;
  readonly log: readonly LogLine[];
  readonly health: Health;
  readonly leases: Record<string, never>;
  readonly images: Record<string, never>;
}
