/** Waits between retransmissions in milliseconds, where the client did not choose its own. */
const BACKOFF = [1000, 2000, 4000, 8000, 8000] as const;

const MOST_WAITS = 5;
const FEWEST_WAITS = 2;
const ENOUGH_SECONDS = 60;

/**
 * How long to wait for an answer after each sending, in milliseconds; after the last wait the transfer
 * has timed out. A negotiated timeout (RFC 2349, seconds) is kept to the letter: the client times its own
 * side by it.
 */
export function retryWaits(timeout: number | undefined): readonly number[] {
  if (timeout === undefined) return BACKOFF;
  const waits = Math.min(MOST_WAITS, Math.max(FEWEST_WAITS, Math.floor(ENOUGH_SECONDS / timeout)));
  return Array.from({ length: waits }, () => timeout * 1000);
}
