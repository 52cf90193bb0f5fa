import { Router } from 'express';
import { Metrics } from '../metrics/metrics.ts';
import { metricsRoutes } from '../metrics/routes.ts';
import { unobserved } from '../observer/observed.ts';
import { eventRoutes } from './events.ts';
import { failures } from './failure.ts';
import { Feed } from './feed.ts';
import type { ApiParts } from './parts.ts';

/** What people and programs follow rather than ask for: /events and /metrics, mounted at the root behind the guard. */
export interface Following {
  readonly routes: Router;
  start(): void;
  stop(): void;
}

export function following({ version, profile, observed, services, generated, sink }: ApiParts): Following {
  const health = () => services.health();
  // With the journal off nobody reads the leases either: no numbers rather than a pool that is all free.
  const leases = observed === unobserved ? undefined : () => observed.leases();
  const feed = new Feed({ version, observed, health, images: () => generated.state });
  const metrics = new Metrics({ version, profile, observed, leases, health });
  const routes = Router();
  routes.use(eventRoutes({ feed }), metricsRoutes({ metrics }), failures(sink));
  return {
    routes,
    start: () => metrics.start(),
    stop() {
      feed.stop();
      metrics.stop();
    },
  };
}
