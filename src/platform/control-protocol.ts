import { createHash } from 'node:crypto';
import path from 'node:path';

/** What a service answers other services: "METHOD /path" → the body's JSON in, JSON out. Faults are thrown as {@link ControlTrouble}. */
export type ControlRoutes = Readonly<Record<string, (body: unknown) => unknown>>;

export interface ControlAnswer {
  /** As HTTP's; 503 also where nobody answered. */
  readonly status: number;
  /** Where the status is no success: {error, remedy}. */
  readonly body: unknown;
}

/** A request that is answered with {error, remedy}. */
export class ControlTrouble extends Error {
  readonly status: number;
  readonly remedy: string;

  constructor(status: number, error: string, remedy: string) {
    super(error);
    this.name = 'ControlTrouble';
    this.status = status;
    this.remedy = remedy;
  }
}

/** Neither requests nor what is waited for in an answer are larger. */
export const MOST_BYTES = 256 * 1024;

/** Where a service answers the others: in the folder that they share. */
export function controlSocket(state: string, service: string): string {
  return path.join(state, `control-${service}.sock`);
}

/**
 * Where a service answers health probes of its own container or host: told apart by its state folder, so that two appliances on one host do
 * not meet.
 */
export function healthSocket(runDirectory: string, state: string, service: string): string {
  const instance = createHash('sha256').update(path.resolve(state)).digest('hex').slice(0, 8);
  return path.join(runDirectory, `remoteboot-${instance}-${service}.sock`);
}

/** GET /health. */
export interface ControlHealth {
  readonly service: string;
  /** Why it does not do all of its work, in words. */
  readonly problems: readonly string[];
  /** Why its journal has gaps, in words. */
  readonly journal: readonly string[];
  /** When the process was started, in milliseconds since 1970. */
  readonly since: number;
  readonly version: string;
  /** Equal for services that run with equal settings. */
  readonly settings?: string;
  /** dhcp: as it serves, once that is decided. */
  readonly mode?: 'server' | 'proxy';
}
