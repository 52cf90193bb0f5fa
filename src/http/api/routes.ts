import express, { Router } from 'express';
import { applianceRoutes } from './appliance.ts';
import { explainRoutes } from './explain.ts';
import { failures, nothingThere } from './failure.ts';
import { imageRoutes } from './images.ts';
import { leaseRoutes } from './leases.ts';
import { logRoutes } from './log.ts';
import { machineRoutes } from './machines.ts';
import { openapi } from './openapi/document.ts';
import type { ApiParts } from './parts.ts';
import { scriptRoutes } from './script.ts';

const LARGEST_BODY = '16kb';

/** Everything below /api; whoever mounts it puts the guard before it. */
export function apiRoutes(parts: ApiParts): Router {
  const router = Router();
  router.use(express.json({ limit: LARGEST_BODY }));
  for (const routes of ROUTES) router.use(routes(parts));
  router.get('/openapi.json', (_request, response) => void response.json(openapi));
  router.use(nothingThere);
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
