import http from 'node:http';
import type { Duplex } from 'node:stream';
import { type Images, openImages } from '../assets/images.ts';
import { errnoOf } from '../assets/system-error.ts';
import { SCRIPT_NAME } from '../boot/plan.ts';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { ControlHealth } from '../platform/control-protocol.ts';
import type { RunningService } from '../platform/running.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { fileUrl } from '../protocol/ipxe/url.ts';
import { following } from './api/following.ts';
import { apiParts } from './api/parts.ts';
import { createApp } from './app.ts';
import { GeneratedFiles } from './generated-files.ts';
import type { Observed } from './observer/observed.ts';

export interface HttpOptions {
  readonly profile: Profile;
  readonly sink: Sink;
  readonly clock?: Clock;
  /** images/ by default, with descriptors and memory of this service's own. */
  readonly assets?: Images;
  /** API_TOKEN. */
  readonly token?: string | undefined;
  /** How this service is, as its supervisor knows it. */
  readonly health?: () => Promise<ControlHealth>;
  /** The journals of all services; nothing is known of any boot without them. */
  readonly observed?: Observed;
}

export interface HttpService extends RunningService {
  /** The address and port that are really listened on. */
  readonly address: string;
  readonly port: number;
  /** Why machines cannot boot; empty where they can. */
  problems(): readonly string[];
  /** Ends at once, open downloads included: firmware tries again, and a restart must not wait for it. */
  stop(): Promise<void>;
}

/** A machine that does nothing for so long has been switched off. Firmware pauses for less, also while it writes. */
const IDLE_MS = 300_000;
/** iPXE keeps its one connection from script to kernel to initrd. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Starts the http service on the advertised address, or, where that is another host's, on the adapter's.
 *
 * @throws the system's error where the port cannot be had: EADDRINUSE, EADDRNOTAVAIL, EACCES.
 */
export async function startHttp(options: HttpOptions): Promise<HttpService> {
  const { profile, sink, clock = systemClock, assets = openImages(profile.paths, sink) } = options;
  const generated = new GeneratedFiles(profile, sink);
  const api = apiParts({ ...options, clock, generated });
  const followed = following(api);
  const server = http.createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 60_000, requestTimeout: 60_000, noDelay: true },
    createApp({ images: assets, generated, sink, clock, api, following: followed }),
  );
  server.timeout = IDLE_MS;
  server.on('clientError', (error, socket) => badRequest(sink, error, socket));
  const wanted = isLocalAddress(profile.addresses.http) ? profile.addresses.http : profile.adapter.address;
  const address = formatIpv4(wanted);
  await generated.start();
  try {
    await listen(server, address, profile.httpPort);
  } catch (error) {
    await generated.stop();
    throw error;
  }
  server.on('error', (error) => {
    sink({ kind: 'http.failed', address, request: 'listening', reason: error.message });
  });
  followed.start();
  const { port } = server.address() as { port: number };
  const advertised = { address: profile.addresses.http, port: profile.httpPort };
  sink({ kind: 'http.listening', address, port, url: fileUrl(advertised, SCRIPT_NAME) });
  return {
    address,
    port,
    problems: () => generated.problems,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      followed.stop();
      server.closeAllConnections();
      await Promise.all([closed, generated.stop()]);
      sink({ kind: 'http.stopped' });
    },
  };
}

function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A connection that broke is no request; anything else that is not HTTP gets one short answer. */
function badRequest(
  sink: Sink,
  error: NodeJS.ErrnoException,
  socket: Duplex & { remoteAddress?: string },
): void {
  if (errnoOf(error) === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = errnoOf(error) === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = late ? 408 : 400;
  const address = socket.remoteAddress ?? 'unknown';
  const reason = late ? 'the request did not arrive in time' : `not HTTP: ${error.message}`;
  sink({ kind: 'http.refused', address, status, request: 'a request', reason });
  socket.end(
    `HTTP/1.1 ${status} ${late ? 'Request Timeout' : 'Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
