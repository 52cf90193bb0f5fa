/** What limits-server.ts and limits.ts have to agree on. */
export const LIMITS = {
  /** UDP: each datagram comes back. */
  echo: 7000,
  /** UDP: each datagram is answered with a window. */
  window: 7001,
  blocks: 16,
  length: 1472,
  /** TCP: zeros as long as one listens. */
  flood: 7002,
} as const;
