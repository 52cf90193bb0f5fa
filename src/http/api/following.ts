import { Router } from 'express';
import { limitTeller } from '../limited.ts';
import { Metrics } from '../metrics/metrics.ts';
import { metricsRoutes } from '../metrics/routes.ts';
import { type AddressRange, unobserved } from '../observer/observed.ts';
import { eventRoutes } from './events.ts';
import { failures } from './failure.ts';
import { Feed, share } from './feed.ts';
import type { ApiParts } from './parts.ts';

/** What people and programs follow rather than ask for: /events and /metrics, mounted at the root behind the guard. */
export interface Following {
  readonly routes: Router;
  start(): void;
  stop(): void;
}

export function following(parts: ApiParts): Following {
  const { version, profile, observed, services, generated, sink, clock } = parts;
  const health = () => services.health();
  // With the journal off nobody reads the leases either: no numbers rather than a pool that is all free.
  const leases =
    observed === unobserved ? undefined : (ranges: readonly AddressRange[]) => observed.leaseStates(ranges);
  const most = profile.limits.listeners;
  const note = limitTeller(sink, () => clock.monotonic(), {
    listeners: most,
    'listeners per address': share(most),
  });
  const feed = new Feed({ version, observed, health, images: () => generated.state, most, note });
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
