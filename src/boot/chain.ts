import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import type { Exchange, Explanation } from './explanation.ts';

/** ok: it goes on from there. unknown: what is there is not seen from here. */
export type LinkState = 'ok' | 'warn' | 'fail' | 'unknown';

/** A file that the machine would load. */
export interface FileLink {
  readonly kind: 'file';
  readonly stage: 'loader' | 'script' | 'kernel' | 'initrd';
  readonly state: LinkState;
  /** Inside images/. */
  readonly name: string;
  readonly url: string;
  /** Bytes. */
  readonly size?: number;
  /** "an EFI program for 64-bit x86" */
  readonly what?: string;
  readonly because: readonly string[];
  /** What to do, where it is not well. */
  readonly remedy?: string;
  /** Of a script. */
  readonly text?: string;
}

/** One step of a boot: a message and its answer, or a file. */
export type Link = ({ readonly kind: 'exchange'; readonly state: LinkState } & Exchange) | FileLink;

/** A whole boot, as it would go now. */
export interface BootChain {
  readonly mode: Explanation['mode'];
  readonly state: LinkState;
  /** One sentence: what it would boot, or where it would stop and why. */
  readonly verdict: string;
  /** What to do, where it would stop. */
  readonly remedy?: string;
  /** In order; nothing behind the one where it would stop. */
  readonly links: readonly Link[];
}

export type Protocol = 'tftp' | 'http';

/** What there is to be loaded, by the names that a boot comes to. `machine`: what has to run it; undefined where that is not known. */
export interface Shelf {
  loader(name: string, by: Protocol, machine: LoaderArchitecture | undefined): Promise<FileLink>;
  /** The script that iPXE, or GRUB, is sent to, and all that it loads. */
  script(
    program: 'ipxe' | 'grub',
    by: Protocol,
    machine: LoaderArchitecture | undefined,
  ): Promise<readonly FileLink[]>;
}
