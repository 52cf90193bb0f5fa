import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Sink } from '../../journal/event.ts';
import { methodsOf } from './openapi/document.ts';
import type { Failure } from './shapes.ts';

/** An answer of the API that is no success: its status, what is wrong, and what to do about it. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly remedy: string;

  constructor(status: number, error: string, remedy: string) {
    super(error);
    this.name = 'ApiFailure';
    this.status = status;
    this.remedy = remedy;
  }
}

export function sendFailure(response: Response, status: number, error: string, remedy: string): void {
  response.status(status).json({ error, remedy } satisfies Failure);
}

/** No such path, or not with this method: as the document has it. */
export const nothingThere: RequestHandler = (request, response) => {
  const [path = ''] = request.originalUrl.split('?');
  const methods = methodsOf(path);
  const asked = `${request.method} ${path.slice(0, 200)}`;
  if (methods.length === 0)
    return sendFailure(response, 404, `there is no ${asked}`, 'see /api/openapi.json for what there is');
  response.set('Allow', methods.join(', '));
  sendFailure(response, 405, `there is no ${asked}`, `use ${methods.join(' or ')}`);
};

/** For what can only be read, outside of /api. */
export const onlyRead: RequestHandler = (request, response, next) => {
  if (['GET', 'HEAD'].includes(request.method)) return next();
  response.set('Allow', 'GET, HEAD');
  sendFailure(response, 405, `there is no ${request.method} ${request.baseUrl}`, 'use GET or HEAD');
};

/** What express.json() calls the faults of a body (its `type`). */
const BODY_FAULTS: Record<string, readonly [error: string, remedy: string] | undefined> = {
  'entity.parse.failed': ['the body is not JSON', 'send a JSON object'],
  'entity.too.large': ['the body is too large', 'send no more than 16 kB'],
  'encoding.unsupported': ['the body has an encoding that is not known', 'send it as it is, or with gzip'],
  'charset.unsupported': ['the body is not in UTF-8', 'send it in UTF-8'],
  'request.aborted': ['the body did not arrive', 'send it again'],
};

/** Of those without a type, one is a body that is not what its encoding says. */
const OTHER_BODY_FAULT = ['the body cannot be read', 'send a JSON object, as it is or with gzip'] as const;

/** The last middleware of the API: every error becomes a Failure; what nobody foresaw is an event too. */
export function failures(sink: Sink): ErrorRequestHandler {
  return (error: Error & { type?: string; status?: number }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    if (error instanceof ApiFailure) return sendFailure(response, error.status, error.message, error.remedy);
    if (error instanceof URIError)
      return sendFailure(
        response,
        400,
        'the path is not percent-encoded UTF-8',
        'encode it with encodeURIComponent',
      );
    const { status = 500 } = error;
    const [text, remedy] = BODY_FAULTS[error.type ?? ''] ?? OTHER_BODY_FAULT;
    if (status >= 400 && status < 500) return sendFailure(response, status, text, remedy);
    const address = request.socket.remoteAddress ?? 'unknown';
    const line = `${request.method} ${request.originalUrl}`;
    sink({ kind: 'http.failed', address, request: line, reason: error.stack ?? String(error) });
    sendFailure(response, 500, 'the server failed', 'see its log: docker compose logs http');
  };
}
