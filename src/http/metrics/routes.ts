import { Router } from 'express';
import type { Metrics } from './metrics.ts';

/** GET /metrics, for Prometheus. */
export function metricsRoutes({
  metrics,
}: {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
}): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    const text = await metrics.text();
    response.set('Content-Type', metrics.contentType).send(text);
  });
  return router;
}
