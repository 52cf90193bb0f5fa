import { Router } from 'express';
import { Metrics } from '../metrics/metrics.ts';
import { metricsRoutes } from '../metrics/routes.ts';
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

export function following({ version, profile, observed, services, sink }: ApiParts): Following {
  const health = () => services.health();
  const feed = new Feed({ version, observed, health });
  const metrics = new Metrics({ version, profile, observed, health });
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
