import type { SetAside } from '../platform/database.ts';
import { WHY_ASIDE } from './journal-events.ts';
import { error, info, type Texts, warn } from './line.ts';

/** What becomes of the lease database. */
export type LeaseEvent =
  | { readonly kind: 'dhcp.leases-loaded'; readonly count: number; readonly file: string }
  | { readonly kind: 'dhcp.leases-dropped'; readonly count: number }
  | {
      readonly kind: 'dhcp.leases-set-aside';
      readonly file: string;
      readonly aside: string;
      readonly why: SetAside['why'];
      /** Leases that could be read of it. */
      readonly salvaged: number;
    }
  /** It was taken away while it was used. */
  | { readonly kind: 'dhcp.leases-begun-anew'; readonly file: string }
  /** `macs`: the machines whose ACK was held back. */
  | {
      readonly kind: 'dhcp.store-failed';
      readonly reason: string;
      readonly remedy: string;
      readonly file: string;
      readonly macs: readonly string[];
    }
  | { readonly kind: 'dhcp.store-mended'; readonly file: string; readonly seconds: number }
  /** The date of this host: later by so many seconds than it would have been. */
  | { readonly kind: 'dhcp.clock-set'; readonly seconds: number };

export const leaseTexts: Texts<LeaseEvent> = {
  'dhcp.leases-loaded': ({ count, file }) => info(`${count} leases known from ${file}`),
  'dhcp.leases-dropped': ({ count }) =>
    info(`${count} stored leases lie outside the pool as it is now, and are forgotten`),
  'dhcp.leases-set-aside': ({ file, aside, why, salvaged }) =>
    error(
      `the lease database ${file} ${WHY_ASIDE[why]}; it is kept as ${aside} and a new one begun with ${salvaged} leases that could be read of it. ` +
        'Machines keep their addresses where they ask for them again. Delete it when you do not need it',
    ),
  'dhcp.leases-begun-anew': ({ file }) =>
    error(
      `the lease database ${file} is not the one that it was: it was deleted, damaged or replaced while it was used, or its volume unmounted. ` +
        'All leases are saved again from memory; nothing is lost. Leave STATE_DIR alone while dhcp runs',
    ),
  'dhcp.store-failed': ({ reason, remedy, file, macs }) =>
    error(
      macs.length === 0
        ? `leases cannot be stored in ${file}: ${reason}. Machines are offered addresses, and get them as soon as that is mended. ${remedy}`
        : `${macs.length} leases could not be stored in ${file}, so their ACKs were not sent: ${reason}. ${remedy}`,
    ),
  'dhcp.store-mended': ({ file, seconds }) =>
    info(
      `leases are stored in ${file} again, after ${seconds} s; machines that wait get their addresses as they ask again`,
    ),
  'dhcp.clock-set': ({ seconds }) =>
    warn(
      `the clock of this host was set ${seconds < 0 ? 'back' : 'forward'} by ${Math.abs(seconds)} s; leases end when their machines expect it all the same. ` +
        'If it goes on jumping, see: timedatectl',
    ),
};
