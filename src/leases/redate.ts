/** A moment as this host counts it. */
export interface Moment {
  /** Seconds since 1970, as the clock of the wall says. */
  readonly now: number;
  /** Seconds since the host was started, sleep included: no setting of the clock changes it. */
  readonly uptime: number;
  /** Tells this start of the host from others; empty where that is not known. */
  readonly boot: string;
}

/** Which clock the times of a lease database are of. */
export interface Dating extends Moment {
  /** The longest time, in seconds, that addresses were promised for. */
  readonly longest: number;
}

/** How the times of leases are to be read now: all later by so many seconds, or not at all; and none beyond a last moment. */
export interface Redating {
  /** Undefined where nobody knows how long it has been: whoever had an address then counts as having got it just now. */
  readonly later: number | undefined;
  readonly last: number;
}

/** A clock before this was never set: the program is younger. 2026-01-01 */
const FIRST_PLAUSIBLE = 1_767_225_600;
/** Clocks of one host differ by rounding, and drift. */
const SLACK = 2;

/**
 * How leases are read that were kept under another clock than the present one. Machines count their leases by clocks of their own: while the host
 * has not been started anew its own uptime tells how long it has been, whatever became of the date; after a restart the date does, unless it was
 * or is wrong. Then nobody's lease is over too early, and none lasts longer than the longest that was ever promised.
 *
 * @param kept of the database; undefined where it does not tell.
 */
export function redating(kept: Dating | undefined, now: Dating): Redating {
  const last = now.now + Math.max(now.longest, kept?.longest ?? 0);
  if (!kept) return { later: 0, last };
  if (kept.boot !== '' && kept.boot === now.boot && now.uptime >= kept.uptime) {
    const later = Math.round(now.now - now.uptime - (kept.now - kept.uptime));
    return { later: Math.abs(later) <= SLACK ? 0 : later, last };
  }
  const isKnown = kept.now >= FIRST_PLAUSIBLE && now.now >= kept.now - SLACK;
  return { later: isKnown ? 0 : undefined, last };
}
