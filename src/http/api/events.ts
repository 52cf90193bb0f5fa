import { Router } from 'express';
import { ApiFailure } from './failure.ts';
import type { Feed } from './feed.ts';

/** GET /events: what changes, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export function eventRoutes({ feed }: { readonly feed: Feed }): Router {
  const router = Router();
  router.get('/events', (request, response) => {
    const address = request.socket.remoteAddress ?? 'unknown';
    const taken = feed.takenBy(address);
    if (taken !== undefined)
      throw new ApiFailure(
        503,
        `${taken} listeners follow the events already`,
        'close a page that is open elsewhere, raise EVENT_LISTENERS, or read /api/machines every few seconds',
      );
    response.set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      // Proxies that buffer, as nginx does, let this one through.
      'X-Accel-Buffering': 'no',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    request.socket.setKeepAlive(true, 30_000);
    feed.add(response, address);
  });
  return router;
}
