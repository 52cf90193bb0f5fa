import type { Duplex } from 'node:stream';
import type { Sink } from '../journal/event.ts';

/** Why a connection gets nothing but a status. */
export interface Refusal {
  readonly status: string;
  readonly reason: string;
}

export const LATE: Refusal = {
  status: '408 Request Timeout',
  reason: 'the request did not arrive in time',
};

export const TOO_LONG: Refusal = {
  status: '431 Request Header Fields Too Large',
  reason: 'its head has more than 16 kB or 100 headers',
};

/** One short answer to what is no request, and the end of the connection. */
export function refuse(
  sink: Sink,
  socket: Duplex & { readonly remoteAddress?: string | undefined },
  { status, reason }: Refusal,
): void {
  const address = socket.remoteAddress ?? 'unknown';
  const code = Number.parseInt(status, 10);
  sink({ kind: 'http.refused', address, status: code, request: 'a request', reason });
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
