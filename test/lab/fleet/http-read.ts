import http from 'node:http';
import { Stopped } from './plan.ts';

export interface HttpRead {
  readonly url: string;
  /** Keeps the one connection that firmware and iPXE have, from the machine's own address. */
  readonly agent: http.Agent;
  readonly method?: 'GET' | 'HEAD';
  take(data: Uint8Array): void;
  /** Hangs up after so many bytes. */
  readonly hangUpAfter?: number;
  /** Takes nothing more after so many bytes. */
  readonly stallAfter?: number;
}

/** A server that is not there is not waited for longer. */
const PATIENCE_MS = 20_000;

/** @returns the number of bytes. @throws Stopped for anything but the whole file. */
export function readHttp(read: HttpRead): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (why: string) => reject(new Stopped(why));
    const { method = 'GET', agent, url } = read;
    const request = http.request(url, { method, agent, headers: { 'User-Agent': 'iPXE/1.21.1' } });
    request.setTimeout(PATIENCE_MS, () => request.destroy(new Error('the HTTP server is not heard')));
    request.on('error', (error) => failed(`HTTP: ${error.message}`));
    request.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        response.on('end', () => failed(`HTTP status ${response.statusCode}`));
        return;
      }
      let bytes = 0;
      response.on('data', (data: Buffer) => {
        bytes += data.length;
        read.take(data);
        if (bytes >= (read.stallAfter ?? Number.POSITIVE_INFINITY)) {
          request.setTimeout(0);
          response.pause();
        }
        if (bytes < (read.hangUpAfter ?? Number.POSITIVE_INFINITY)) return;
        request.destroy();
        failed('it hung up');
      });
      response.on('error', (error) => failed(`HTTP: ${error.message}`));
      response.on('end', () => {
        const wanted = Number(response.headers['content-length'] ?? bytes);
        if (method === 'HEAD') resolve(wanted);
        else if (bytes === wanted) resolve(bytes);
        else failed(`${bytes} of ${wanted} bytes`);
      });
    });
    request.end();
  });
}

export function oneConnection(from: string): http.Agent {
  return new http.Agent({ keepAlive: true, maxSockets: 1, localAddress: from });
}
