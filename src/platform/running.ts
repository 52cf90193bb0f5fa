import type { ControlRoutes } from './control-protocol.ts';

/** A service that has started. */
export interface RunningService {
  /** Ends it in well under a second; nothing that was promised is lost. */
  stop(): Promise<void>;
  /** What is wrong now, in words; empty when all is well. */
  problems(): readonly string[] | Promise<readonly string[]>;
  /** What it answers other services, besides how it is. */
  readonly control?: ControlRoutes;
}
