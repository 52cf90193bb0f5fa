import { Router } from 'express';
import { sharedAnswer } from '../api/shared-answer.ts';
import type { Metrics } from './metrics.ts';

/** Prometheus asks every few seconds. */
const REUSED_MS = 250;

/** GET /metrics, for Prometheus. */
export function metricsRoutes({
  metrics,
}: {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
}): Router {
  const router = Router();
  const text = sharedAnswer(() => metrics.text(), REUSED_MS);
  router.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await text());
  });
  return router;
}
