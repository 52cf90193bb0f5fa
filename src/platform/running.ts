import type { ControlRoutes } from './control-protocol.ts';

/** A service that has started. */
export interface RunningService {
  /**
   * Ends it; nothing that was promised is lost. Takes nothing new from now on, but lets transfers under way go on until they are done or
   * `end` is aborted; without `end` they are ended at once, in well under a second.
   */
  stop(end?: AbortSignal): Promise<void>;
  /** What is wrong now, in words; empty when all is well. */
  problems(): readonly string[] | Promise<readonly string[]>;
  /** What it answers other services, besides how it is. */
  readonly control?: ControlRoutes;
}
