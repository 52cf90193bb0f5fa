import { Router } from 'express';
import type { Observed } from '../observer/observed.ts';
import { answered } from './machines.ts';
import { Query } from './query.ts';

const SERVICES = ['dhcp', 'tftp', 'http'] as const;
const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const MOST_LINES = 1000;
const LINES = 200;

/** GET /log?mac=…&service=…&level=…&before=…&limit=…: the newest last; `level` means that one and those above it. */
export function logRoutes({ observed }: { readonly observed: Pick<Observed, 'log'> }): Router {
  const router = Router();
  router.get('/log', async (request, response) => {
    const query = new Query(request.url, ['mac', 'service', 'level', 'before', 'limit']);
    const given = {
      mac: query.mac('mac'),
      service: query.word('service', SERVICES),
      level: query.word('level', LEVELS),
      before: query.number('before', 0, Number.MAX_SAFE_INTEGER),
    };
    const limit = query.number('limit', 1, MOST_LINES) ?? LINES;
    response.json(await answered(observed.log({ ...defined(given), limit })));
  });
  return router;
}

/** Without the members that are undefined. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
