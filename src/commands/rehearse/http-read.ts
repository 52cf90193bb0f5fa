import type http from 'node:http';
import { nodeHttp } from '../../platform/node-http.ts';

/** Why a file did not come. */
export type HttpTrouble =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refused' }
  /** No answer, or none any more, after so many bytes. */
  | { readonly kind: 'silent'; readonly bytes: number }
  | { readonly kind: 'broken'; readonly bytes: number; readonly reason: string };

export interface HttpResult {
  readonly kind: 'read';
  readonly bytes: number;
  /** Content-Length, which is all that HEAD gives. */
  readonly size: number | undefined;
}

export interface HttpRead {
  readonly url: string;
  readonly agent: http.Agent;
  readonly method?: 'GET' | 'HEAD';
  /** For as long silence is borne. */
  readonly silenceMs: number;
  /** After 'pause' nothing more is taken, and the connection stays. */
  take(data: Buffer): 'pause' | undefined;
  /** Closes the connection. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a file by HTTP as iPXE does.
 *
 * @throws the signal's reason.
 */
export function readHttp(read: HttpRead): Promise<HttpResult | HttpTrouble> {
  const { url, agent, method = 'GET', silenceMs, signal } = read;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const request = nodeHttp.request(url, {
      method,
      agent,
      signal,
      headers: { 'User-Agent': 'iPXE/1.21.1' },
    });
    const failed = (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(signal.reason);
      else resolve(troubleOf(error, bytes));
    };
    const silent = () => request.destroy(new Silence());
    // A connection that is not answered is no socket yet whose silence could be measured.
    const connecting = setTimeout(silent, silenceMs);
    request.setTimeout(silenceMs, silent);
    request.on('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connecting);
      else socket.once('connect', () => clearTimeout(connecting));
    });
    request.on('close', () => clearTimeout(connecting));
    request.on('error', failed);
    request.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      if (status !== 200) {
        response.resume();
        response.on('end', () => resolve({ kind: 'status', status }));
        return;
      }
      const size = Number(response.headers['content-length'] ?? Number.NaN);
      response.on('data', (data: Buffer) => {
        bytes += data.length;
        if (read.take(data) !== 'pause') return;
        request.setTimeout(0);
        response.pause();
      });
      response.on('error', failed);
      response.on('end', () => {
        const known = Number.isNaN(size) ? undefined : size;
        if (method === 'HEAD' || known === undefined || bytes === known)
          resolve({ kind: 'read', bytes, size: known });
        else resolve({ kind: 'broken', bytes, reason: `${bytes} of ${known} bytes` });
      });
    });
    request.end();
  });
}

class Silence extends Error {}

function troubleOf(error: NodeJS.ErrnoException, bytes: number): HttpTrouble {
  if (error instanceof Silence || SILENT.has(error.code ?? '')) return { kind: 'silent', bytes };
  if (error.code === 'ECONNREFUSED') return { kind: 'refused' };
  return { kind: 'broken', bytes, reason: error.message };
}

/** Nobody has the address, or whoever has it does not answer. */
const SILENT: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** The one connection that firmware and iPXE have; from that address where one is given. */
export function oneConnection(from?: string): http.Agent {
  return new nodeHttp.Agent({
    keepAlive: true,
    maxSockets: 1,
    ...(from !== undefined && { localAddress: from }),
  });
}
