import type { StageName } from '../../../src/journal/timeline/model.ts';

/**
 * What a machine boots with; packets, options and pauses between tries are those of the real one (test/fixtures):
 * - 'bios': PXE ROM, undionly.kpxe;
 * - 'uefi': UEFI x64, which asks for a loader's size before it loads it, snponly.efi;
 * - 'uefi-http': UEFI x64 with HTTP Boot;
 * - 'ipxe-rom': a BIOS with iPXE in the card: no loader.
 */
export type Kind = 'bios' | 'uefi' | 'uefi-http' | 'ipxe-rom';

/** What a machine does that it should not. Without one it boots, or gives up as the real one does. */
export type Fault =
  /** Asks again and again, and takes no offer. */
  | { readonly does: 'ignores-offers' }
  /** Is switched off when that stage has ended. */
  | { readonly does: 'falls-silent'; readonly after: StageName }
  /** Is reset when that stage has ended, so many times; then it falls silent there. */
  | { readonly does: 'starts-over'; readonly after: StageName; readonly times: number }
  /** Takes nothing more of the loader from that block on. */
  | { readonly does: 'goes-deaf'; readonly block: number }
  /** Closes the connection after so many bytes, and is silent. */
  | { readonly does: 'hangs-up'; readonly during: 'kernel' | 'initrd'; readonly bytes: number }
  /** Takes nothing more after so many bytes, and keeps the connection. */
  | { readonly does: 'stalls'; readonly during: 'kernel' | 'initrd'; readonly bytes: number }
  /** Waits for that server's offer, and takes it. */
  | { readonly does: 'prefers'; readonly server: string }
  /** Finds its address taken, so many times. */
  | { readonly does: 'declines'; readonly times: number }
  /** Says that it is of another architecture (option 93). */
  | { readonly does: 'claims'; readonly architecture: number }
  /** Wants an address that it had elsewhere, by INIT-REBOOT, whatever the answer. */
  | { readonly does: 'insists'; readonly address: string; readonly times: number }
  /** Asks for another file in that stage. */
  | { readonly does: 'misspells'; readonly stage: 'loader' | 'kernel' | 'initrd'; readonly file: string };

export interface MachinePlan {
  readonly mac: string;
  readonly kind: Kind;
  /** What its system calls itself. */
  readonly hostName: string;
  /** Milliseconds until it is switched on. */
  readonly after?: number;
  readonly fault?: Fault;
  /** Milliseconds that it takes to go on after each stage. */
  readonly pause?: number;
  /** 'firmware': waits as long as the real one does before it tries again; otherwise it is less patient, so that tests are fast. */
  readonly patience?: 'firmware';
  /** After that stage it waits until it is released. */
  readonly hold?: StageName;
}

/** One line to the program. */
export type Order =
  /** These are switched on. Files are hashed, which costs time, or only counted. */
  | { readonly order: 'switch-on'; readonly machines: readonly MachinePlan[]; readonly hash: boolean }
  /** A machine that is held, or will be, may go on. */
  | { readonly order: 'release'; readonly mac: string };

/** What the program tells, a JSON line each. Times are milliseconds since 1970. */
export type Told =
  | { readonly what: 'ready' }
  | {
      readonly what: 'stage';
      readonly mac: string;
      readonly at: number;
      readonly stage: StageName;
      /** Present from the first ACK on. */
      readonly address?: string;
    }
  | {
      readonly what: 'file';
      readonly mac: string;
      readonly at: number;
      readonly stage: StageName;
      readonly by: 'tftp' | 'http';
      readonly name: string;
      readonly bytes: number;
      readonly sha256?: string;
    }
  /** It has booted, or has come to nothing: `stage` is where. */
  | {
      readonly what: 'end';
      readonly mac: string;
      readonly at: number;
      readonly booted: boolean;
      readonly stage: StageName;
      readonly why: string;
      readonly address?: string;
    };

/** A boot that has come to an end, and where. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}
