import express, { Router } from 'express';
import { applianceRoutes } from './appliance.ts';
import { explainRoutes } from './explain.ts';
import { ApiFailure, failures } from './failure.ts';
import { imageRoutes } from './images.ts';
import { leaseRoutes } from './leases.ts';
import { logRoutes } from './log.ts';
import { machineRoutes } from './machines.ts';
import type { ApiParts } from './parts.ts';
import { scriptRoutes } from './script.ts';

const LARGEST_BODY = '16kb';

/** Everything below /api; whoever mounts it puts the guard before it. */
export function apiRoutes(parts: ApiParts): Router {
  const router = Router();
  router.use(express.json({ limit: LARGEST_BODY }));
  for (const routes of ROUTES) router.use(routes(parts));
  router.use((request) => {
    throw new ApiFailure(
      404,
      `there is no ${request.method} ${request.originalUrl}`,
      'see /api/openapi.json for what there is',
    );
  });
  router.use(failures(parts.sink));
  return router;
}

/** One a subject; their paths begin at /api. */
export const ROUTES: readonly ((parts: ApiParts) => Router)[] = [
  applianceRoutes,
  machineRoutes,
  scriptRoutes,
  logRoutes,
  leaseRoutes,
  imageRoutes,
  explainRoutes,
];
