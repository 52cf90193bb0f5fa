import type { Paths } from '../../config/profile.ts';
import type { Resolution, Service } from '../../config/resolve.ts';
import type { Problem, Settings } from '../../config/settings.ts';
import type { AdapterFacts } from '../../platform/adapters.ts';
import type { ControlHealth } from '../../platform/control-protocol.ts';
import type { Link } from '../../platform/links.ts';
import type { ReportLine } from '../report.ts';
import type { Seen } from './seen.ts';

/** What all checks look at; gathered once. */
export interface Patient {
  readonly settings: Settings;
  /** Wrong values, which have their defaults in `settings`. */
  readonly problems: readonly Problem[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly paths: Paths;
  readonly adapters: readonly AdapterFacts[];
  readonly links: readonly Link[];
  /** What the settings come to for dhcp. */
  readonly resolution: Resolution;
  /** The adapter that is served, whether it is there or not. */
  readonly adapter: string;
  readonly health: Readonly<Record<Service, ControlHealth | { readonly reason: string }>>;
  readonly seen: Seen;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The user as whom files are read and written. */
  readonly uid: number;
  /** Ends what takes long. */
  readonly stop: AbortSignal;
}

/** One subject. Rejects where it could not be looked at: that is told as 'unknown', and the other checks go on. */
export interface Check {
  /** By which it is asked for, one word. */
  readonly name: string;
  readonly title: string;
  look(patient: Patient): Promise<readonly ReportLine[]>;
}

/** A check of two halves: what is so, and, without any I/O, what that means. */
export function check<F>(
  name: string,
  title: string,
  gather: (patient: Patient) => F | Promise<F>,
  judge: (facts: F) => readonly ReportLine[],
): Check {
  return { name, title, look: async (patient) => judge(await gather(patient)) };
}
