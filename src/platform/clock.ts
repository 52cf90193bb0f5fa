/** Time as services see it: seconds since 1970 for leases, milliseconds that never jump for timers. */
export interface Clock {
  /** Wall-clock time in whole seconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds since an arbitrary start; only ever grows. */
  monotonic(): number;
}

/** Time as the journal stamps it. */
export interface FineClock extends Pick<Clock, 'monotonic'> {
  /** Wall-clock time in whole milliseconds since 1970-01-01 UTC. */
  millis(): number;
}

export const systemClock: Clock & FineClock = {
  now: () => Math.floor(Date.now() / 1000),
  monotonic: () => performance.now(),
  millis: () => Date.now(),
};
