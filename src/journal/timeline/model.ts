import type { Firmware } from '../../boot/client.ts';
import type { Service } from '../../config/resolve.ts';
import type { Level } from '../line.ts';

/**
 * Boots as people see them. Everything here is plain JSON: the API answers with it as it is. Times are milliseconds since 1970, addresses
 * dotted, sizes bytes.
 */

/**
 * The way of every boot, in order. address: the firmware's DHCP. loader: iPXE, or shim and GRUB. ipxe: iPXE's DHCP. script: infrakit.ipxe
 * or grub.cfg. system: the booted system asks for its address.
 */
export const STAGES = ['address', 'loader', 'ipxe', 'script', 'kernel', 'initrd', 'system'] as const;
export type StageName = (typeof STAGES)[number];

/**
 * waiting: not come to yet. running: begun. done, failed: as it says. unknown: the service that would know was not recording, or the job is
 * another host's. skipped: not on this machine's way (an iPXE in the card needs no loader).
 */
export type StageState = 'waiting' | 'running' | 'done' | 'failed' | 'unknown' | 'skipped';

export interface Stage {
  readonly name: StageName;
  readonly state: StageState;
  /** When it began and ended; absent where that has not happened, or is not known. */
  readonly from?: number;
  readonly to?: number;
  /** Of its transfers; absent where it has none. */
  readonly bytes?: number;
  readonly size?: number;
  readonly transfers: readonly Transfer[];
  /** What there is to say of it: "http://10.0.0.1/infrakit.ipxe", "served by 10.0.0.7: not seen here". */
  readonly note?: string;
}

/** A file on its way to the machine. unknown: its service stopped recording before it ended. */
export interface Transfer {
  readonly service: 'tftp' | 'http';
  readonly file: string;
  readonly state: 'running' | 'done' | 'failed' | 'unknown';
  readonly bytes: number;
  readonly size?: number;
  readonly from: number;
  readonly to?: number;
  /** TFTP packets sent again. */
  readonly retransmissions?: number;
  /** Why it failed. */
  readonly note?: string;
}

/** One thing that happened, in the words of the log. */
export interface Step {
  readonly at: number;
  readonly service: Service;
  readonly level: Level;
  readonly text: string;
  readonly stage?: StageName;
}

/** What went wrong, or may have. */
export interface Diagnosis {
  /** Stable name of the signature: the anchor of its section in docs/troubleshooting.md. */
  readonly code: string;
  /** failed: the boot has ended there. suspect: it may yet go on, or have gone on unseen. unknown: who would know was not there. */
  readonly certainty: 'failed' | 'suspect' | 'unknown';
  /** One sentence: what happened, and why as far as the packets tell. */
  readonly cause: string;
  /** One sentence or two: what to do, with the command, variable or file. */
  readonly remedy: string;
  /** Since when this has been so. */
  readonly at: number;
  readonly stage: StageName;
}

/**
 * running: on its way. booted: the system asked for its address. loaded: everything was delivered, and nothing was heard of it since, which is
 * what a system without DHCP looks like. failed: see its diagnosis. elsewhere: it booted something else, as from its disk. unknown: not all of it was recorded.
 */
export type BootOutcome = 'running' | 'booted' | 'loaded' | 'failed' | 'elsewhere' | 'unknown';

/** One try of a machine to boot, from its first request to its last. */
export interface Attempt {
  /** The moment of its first event and a count where two share it: unique within the machine. */
  readonly id: string;
  readonly from: number;
  /** Its last event so far. */
  readonly to: number;
  readonly outcome: BootOutcome;
  /** Milliseconds from the first request until it was booted, or loaded. */
  readonly duration?: number;
  readonly firmware: Firmware;
  /** IANA's number (option 93) and its name; absent where the machine does not say. */
  readonly architecture?: { readonly code: number; readonly name: string };
  readonly address?: string;
  /** The relay that its requests came through. */
  readonly relay?: string;
  /** In the order of {@link STAGES}, all of them. */
  readonly stages: readonly Stage[];
  readonly diagnosis?: Diagnosis;
}

/** An attempt with all that happened in it; the oldest first, and no more than so many. */
export interface AttemptInFull extends Attempt {
  readonly steps: readonly Step[];
  /** So many steps were left out between the first and the last. */
  readonly stepsLeftOut: number;
}

/** A machine in the list. */
export interface MachineSummary {
  readonly mac: string;
  readonly hostName?: string;
  /** The address it had last. */
  readonly address?: string;
  readonly seen: number;
  /** The newest; absent for a machine that never tried to boot here. */
  readonly attempt?: Attempt;
  /** The last boot that succeeded: when it began, and how many milliseconds it took. */
  readonly lastBoot?: { readonly at: number; readonly duration: number };
  readonly attempts: number;
}

/** A machine in full; attempts with the newest first, as many as are kept. */
export interface Machine extends MachineSummary {
  readonly history: readonly AttemptInFull[];
}
