import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AssetError, type AssetErrorCode } from '../assets/asset.ts';
import type { Images } from '../assets/images.ts';
import { jailedName } from '../assets/jail.ts';
import { nearest } from '../assets/nearest.ts';
import { GENERATED, type GeneratedName, isGenerated } from '../boot/generated.ts';
import { fingerprint } from '../boot/script-mark.ts';
import type { Sink } from '../journal/event.ts';
import type { Clock } from '../platform/clock.ts';
import { nothingThere, onlyRead } from './api/failure.ts';
import type { Following } from './api/following.ts';
import { guard } from './api/guard.ts';
import type { ApiParts } from './api/parts.ts';
import { apiRoutes } from './api/routes.ts';
import type { GeneratedFiles } from './generated-files.ts';
import { pageRoutes } from './page-files.ts';
import { type Observers, sendAsset } from './send-asset.ts';

export interface AppParts {
  readonly images: Images;
  readonly generated: GeneratedFiles;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly api: ApiParts;
  readonly following: Following;
}

/** All that the http service answers. */
export function createApp(parts: AppParts): Express {
  const { sink, generated } = parts;
  let transfers = 0;
  const observers = { ...parts, nextTransfer: () => ++transfers };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // What is for people comes first, behind the guard; these names are taken from images/. The rest is machines' files.
  const guarded = guard(parts.api);
  app.use('/api', guarded, apiRoutes(parts.api));
  app.use(['/events', '/metrics', '/page'], guarded, onlyRead);
  app.use(parts.following.routes);
  app.use(onlyReading(sink));
  app.get('/', guarded);
  app.use(pageRoutes());
  app.use('/page', nothingThere);
  app.get('/healthz', (_request, response) => {
    const { problems } = generated;
    response.set('Cache-Control', 'no-store');
    if (problems.length === 0) response.json({ status: 'ok' });
    else response.status(503).json({ status: 'failing', problems });
  });
  app.use((request, response, next) => {
    const name = requestedName(request, response, sink);
    if (name === undefined) return;
    const send = isGenerated(name)
      ? sendGenerated(parts, name, request, response)
      : sendFile(observers, name, request, response);
    send.catch(next);
  });
  app.use(failed(sink));
  return app;
}

function addressOf(request: Request): string {
  return request.socket.remoteAddress ?? 'unknown';
}

const READING = ['GET', 'HEAD'];

function onlyReading(sink: Sink) {
  return (request: Request, response: Response, next: NextFunction) => {
    if (READING.includes(request.method)) return next();
    response.set('Allow', READING.join(', '));
    refuse(sink, request, response, 405, 'this server is read-only');
  };
}

/** The name in the URL, as the jail has it; otherwise the request has been answered. */
function requestedName(request: Request, response: Response, sink: Sink): string | undefined {
  let name: string;
  try {
    name = decodeURIComponent(request.path);
  } catch {
    refuse(sink, request, response, 400, 'the URL is not percent-encoded UTF-8');
    return undefined;
  }
  try {
    return jailedName(name);
  } catch (error) {
    refuse(sink, request, response, 403, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function refuse(sink: Sink, request: Request, response: Response, status: number, reason: string): void {
  const line = `${request.method} ${request.originalUrl}`;
  sink({ kind: 'http.refused', address: addressOf(request), status, request: line, reason });
  response
    .status(status)
    .type('text')
    .send(`${REFUSALS[status] ?? 'Refused'}\n`);
}

/** What the wire gets; reasons name paths and are for the log. */
const REFUSALS: Record<number, string> = {
  400: 'Bad request.',
  403: 'Not served from here.',
  404: 'No such file.',
  405: 'This server is read-only.',
  500: 'The server cannot read this file; its log says why.',
  503: 'The server cannot read this file at the moment; its log says why.',
};

async function sendGenerated(
  { generated, sink }: AppParts,
  name: GeneratedName,
  request: Request,
  response: Response,
): Promise<void> {
  const { text, made } = (await generated.current())[name];
  response.set({
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-cache',
    ETag: `"${fingerprint(text)}"`,
  });
  if (request.method === 'GET') {
    const waits = generated.problems.length > 0;
    sink({
      kind: 'http.script',
      address: addressOf(request),
      name,
      bytes: Buffer.byteLength(text),
      made,
      waits,
    });
  }
  response.send(text);
}

const STATUS: Record<AssetErrorCode, number> = {
  'not-found': 404,
  'not-a-file': 404,
  forbidden: 403,
  unreadable: 503,
};

async function sendFile(
  parts: AppParts & Pick<Observers, 'nextTransfer'>,
  name: string,
  request: Request,
  response: Response,
): Promise<void> {
  const { images, generated, sink } = parts;
  try {
    await sendAsset(request, response, await images.open(name), parts);
  } catch (error) {
    if (!(error instanceof AssetError) || response.headersSent) throw error;
    if (error.code !== 'not-found') {
      refuse(sink, request, response, STATUS[error.code], error.message);
      return;
    }
    sink({
      kind: 'http.not-found',
      address: addressOf(request),
      name,
      nearest: nearest(name, [...GENERATED, ...generated.names]),
    });
    response.status(404).type('text').send(`${REFUSALS[404]}\n`);
  }
}

function failed(sink: Sink) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const line = `${request.method} ${request.originalUrl}`;
    const reason = error instanceof Error ? error.message : String(error);
    sink({ kind: 'http.failed', address: addressOf(request), request: line, reason });
    if (response.headersSent) response.destroy();
    else response.status(500).type('text').send('The server failed; its log says why.\n');
  };
}
