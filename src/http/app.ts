import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Sink } from '../journal/event.ts';
import { type Answer, INERT, PLAIN_TEXT } from './answer.ts';
import { failures, nothingThere, onlyRead } from './api/failure.ts';
import type { Following } from './api/following.ts';
import { guard } from './api/guard.ts';
import type { ApiParts } from './api/parts.ts';
import { apiRoutes } from './api/routes.ts';
import type { GeneratedFiles } from './generated-files.ts';
import type { MachineFiles } from './machine-files.ts';
import { pageRoutes } from './page-files.ts';
import { turnOf } from './pipeline.ts';
import type { Transfers } from './transfer.ts';

export interface AppParts {
  readonly files: MachineFiles;
  readonly transfers: Transfers;
  readonly generated: GeneratedFiles;
  readonly sink: Sink;
  readonly api: ApiParts;
  readonly following: Following;
}

/** All that the http service answers. */
export function createApp(parts: AppParts): Express {
  const { sink, generated } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // What is for people comes first, behind the guard. The rest is machines' files.
  const guarded = guard(parts.api);
  app.use('/api', guarded, apiRoutes(parts.api));
  app.use(['/events', '/metrics', '/page'], guarded, onlyRead);
  app.use(parts.following.routes);
  app.use(onlyReading(sink));
  app.get('/', guarded);
  app.use(pageRoutes());
  app.use('/page', nothingThere, failures(sink));
  app.get('/healthz', (_request, response) => {
    const { problems } = generated;
    response.set({ 'Cache-Control': 'no-store', ...INERT });
    if (problems.length === 0) response.json({ status: 'ok' });
    else response.status(503).json({ status: 'failing', problems });
  });
  app.use((request, response, next) => {
    machineFile(parts, request, response).catch(next);
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
    const line = `${request.method} ${request.originalUrl}`;
    const reason = 'this server is read-only';
    sink({ kind: 'http.refused', address: addressOf(request), status: 405, request: line, reason });
    response.set({ Allow: READING.join(', '), ...INERT });
    response.status(405).type(PLAIN_TEXT).send('This server is read-only.\n');
  };
}

/** The same answers as on the short path, for requests that are too unusual for that. */
async function machineFile(
  { files, transfers }: AppParts,
  request: Request,
  response: Response,
): Promise<void> {
  // No file is opened for an answer that has to wait for those before it.
  if (!(await turnOf(response))) return;
  const address = addressOf(request);
  const { headers, socket } = request;
  const conditions = {
    range: headers.range,
    ifRange: request.get('if-range'),
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    cacheControl: headers['cache-control'],
  };
  const method = request.method as 'GET' | 'HEAD';
  const asked = { method, target: request.originalUrl, address, conditions };
  const { status, headers: given, body, file }: Answer = await files.answer(asked, request.path);
  response.writeHead(status, { ...given });
  if (file === undefined) response.end(body);
  else if (await transfers.send({ ...file, address, socket, out: response })) response.end();
  else response.destroy();
}

function failed(sink: Sink) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const line = `${request.method} ${request.originalUrl}`;
    const reason = error instanceof Error ? error.message : String(error);
    sink({ kind: 'http.failed', address: addressOf(request), request: line, reason });
    if (response.headersSent) response.destroy();
    else response.status(500).set(INERT).type('text').send('The server failed; its log says why.\n');
  };
}
