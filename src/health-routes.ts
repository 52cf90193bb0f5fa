import type { Service } from './config/resolve.ts';
import { VERSION } from './config/version.ts';
import type { ControlHealth, ControlRoutes } from './platform/control-protocol.ts';
import { type Recentness, recent } from './platform/recent.ts';
import { resourcesInUse } from './platform/resources.ts';
import type { Supervisor } from './supervise.ts';

export interface HealthOptions {
  readonly service: Service;
  readonly supervisor: Pick<Supervisor, 'problems' | 'mode'>;
  /** Why the service's journal has gaps, in words. */
  readonly journal: () => readonly string[];
  /** When the process was started, in milliseconds since 1970. */
  readonly since: number;
  readonly monotonic: () => number;
  /** What tells its settings from others. */
  readonly settings: string;
}

export interface HealthTold {
  /** As of some seconds ago, at once. */
  status(): Promise<ControlHealth>;
  readonly routes: ControlRoutes;
}

/** tftp reads its loader back each time, which is too dear for a page that asks every few seconds, and takes seconds where that fails. */
const RECENT: Record<Service, Recentness> = {
  dhcp: { fresh: 0, stale: 0 },
  tftp: { fresh: 10_000, stale: 30_000, patience: 500 },
  http: { fresh: 0, stale: 0 },
};

/** How the service is: /health as of now, for probes; /status as of some seconds ago, for the page; /resources for long-run measurements. */
export function tellHealth({
  service,
  supervisor,
  journal,
  since,
  monotonic,
  settings,
}: HealthOptions): HealthTold {
  const problems = () => supervisor.problems();
  const some = recent(problems, RECENT[service], monotonic);
  const health = async (found: readonly string[] | Promise<readonly string[]>): Promise<ControlHealth> => {
    const { mode } = supervisor;
    return {
      service,
      problems: await found,
      journal: journal(),
      since,
      version: VERSION,
      settings,
      ...(mode === undefined ? {} : { mode }),
    };
  };
  const status = () => health(some());
  return {
    status,
    routes: {
      'GET /health': () => health(problems()),
      'GET /status': status,
      'GET /resources': resourcesInUse,
    },
  };
}
