import type { Lab } from '../test/lab/net.ts';

export const SUITES = ['floods', 'kills', 'storage', 'clock', 'adapters', 'loss'] as const;
export type SuiteName = (typeof SUITES)[number];

/** 'full' is what docs/reliability.md shows; 'short' is what every run of the tests does. */
export type Level = 'full' | 'short';

/** One thing that is claimed, and what a run has shown of it. */
export interface Finding {
  /** Never changes: `starved-known`. */
  readonly id: string;
  /** What is claimed: `Machines that have leases boot during starvation by random MACs`. */
  readonly claim: string;
  /** What was measured: `50 of 50, 1.1 × as long`. Peers of the same run stand beside: `; dnsmasq 0 of 50`. */
  readonly figure: string;
  /** What must hold, where something must: `all`, `≤ 2 ×`. */
  readonly bound?: string;
  /** False where the bound does not hold: makes the exit status 1. */
  readonly holds: boolean;
}

export interface Context {
  readonly level: Level;
  /** For hosts and cables of the suite's own; cleared when it has ended. */
  readonly lab: Lab;
  /** A temporary folder, removed when the suite has ended. */
  readonly folder: string;
  /** Tells how far the run is. */
  log(line: string): void;
}

export interface Suite {
  readonly name: SuiteName;
  /** What a reader has to know to understand its findings, one sentence. */
  readonly about: string;
  run(context: Context): Promise<readonly Finding[]>;
}
