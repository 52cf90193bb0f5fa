import { type ControlAnswer, MOST_BYTES } from './control-protocol.ts';
import { nodeHttp } from './node-http.ts';

export interface ControlCall {
  /** The service's socket. */
  readonly file: string;
  readonly service: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** For the whole call. */
  readonly timeoutMs: number;
}

/** Asks a service over its socket. Never rejects: a service that does not answer is status 503 with {error, remedy}. */
export function askControl(call: ControlCall): Promise<ControlAnswer> {
  const { file, service, method, path, timeoutMs } = call;
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  return new Promise((resolve) => {
    const fail = (reason: string) => resolve({ status: 503, body: notAnswering(service, reason) });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const request = nodeHttp.request({ socketPath: file, method, path, headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error(`silent for ${timeoutMs} ms`)), timeoutMs);
    request.on('close', () => {
      clearTimeout(timer);
      fail('it was cut off');
    });
    request.on('error', (error) => fail(error.message));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MOST_BYTES) request.destroy(new Error('its answer is too large'));
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => {
        const answer = parsed(Buffer.concat(chunks));
        if (answer === undefined || !response.complete) fail('it was cut off');
        else resolve({ status: response.statusCode ?? 503, body: answer });
      });
    });
    request.end(body);
  });
}

function notAnswering(service: string, reason: string) {
  return {
    error: `${service} is not running, or does not answer: ${reason}`,
    remedy: `is it running (docker compose ps ${service}), and do the services share one STATE_DIR?`,
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
