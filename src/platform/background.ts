import os from 'node:os';

/** Of -20 to 19: with processors scarce, a tenth of the share of what answers machines, which is enough to keep up. */
const NICENESS = 10;

/**
 * Lets the calling thread give way to all others of the host (Linux: niceness is each thread's own). For worker threads whose work may
 * wait; a reply that waits for a thread's work must not be among it.
 */
export function giveWay(): void {
  try {
    os.setPriority(0, NICENESS);
  } catch {
    // Where it may not, it works on as it is.
  }
}
