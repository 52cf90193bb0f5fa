/** More would serve some 100 Gbit/s, and each has its own part of the cache. */
const MOST = 4;

/**
 * How many threads answer HTTP where nobody says: half of the processors, since dhcp, tftp and the kernel's part of the network need the
 * others; one on up to three, where a second one would only take turns with them.
 */
export function threadsFor(processors: number): number {
  return Math.max(1, Math.min(MOST, Math.floor(processors / 2)));
}
