import os from 'node:os';
import type { Profile } from '../../config/profile.ts';
import { VERSION } from '../../config/version.ts';
import type { Sink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ControlHealth } from '../../platform/control-protocol.ts';
import type { GeneratedFiles } from '../generated-files.ts';
import { type Observed, unobserved } from '../observer/observed.ts';
import type { AccessRules } from './access.ts';
import { accessRules } from './guard.ts';
import { ServiceWatch } from './service-watch.ts';

/** What the API answers from. */
export interface ApiParts {
  readonly version: string;
  readonly profile: Profile;
  readonly generated: GeneratedFiles;
  readonly observed: Observed;
  readonly services: ServiceWatch;
  readonly rules: AccessRules;
  readonly clock: Clock;
  readonly sink: Sink;
}

export interface PartsOptions {
  readonly profile: Profile;
  readonly generated: GeneratedFiles;
  readonly clock: Clock;
  readonly sink: Sink;
  readonly token?: string | undefined;
  readonly observed?: Observed;
  readonly health?: () => Promise<ControlHealth>;
}

export function apiParts(options: PartsOptions): ApiParts {
  const { profile, generated, clock, sink, token, observed = unobserved } = options;
  const since = Date.now();
  const alone = async (): Promise<ControlHealth> => {
    return { service: 'http', problems: generated.problems, journal: [], since, version: VERSION };
  };
  const services = new ServiceWatch({
    state: profile.paths.state,
    own: options.health ?? alone,
    observed,
    monotonic: () => clock.monotonic(),
    now: Date.now,
  });
  const rules = accessRules(profile, token, os.hostname());
  return { version: VERSION, profile, generated, observed, services, rules, clock, sink };
}
