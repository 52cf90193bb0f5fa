import type http from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Images, openImages } from '../assets/images.ts';
import { errnoOf } from '../assets/system-error.ts';
import { SCRIPT_NAME } from '../boot/plan.ts';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { ControlHealth } from '../platform/control-protocol.ts';
import { nodeHttp } from '../platform/node-http.ts';
import type { RunningService } from '../platform/running.ts';
import { unacknowledged } from '../platform/tcp-queue.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { fileUrl } from '../protocol/ipxe/url.ts';
import { following } from './api/following.ts';
import { apiParts } from './api/parts.ts';
import { createApp, isReserved } from './app.ts';
import { Deliveries } from './delivery.ts';
import { Front, HEAD_MS, IDLE_MS } from './front.ts';
import { GeneratedFiles } from './generated-files.ts';
import { MachineFiles } from './machine-files.ts';
import type { Observed } from './observer/observed.ts';
import { Transfers } from './transfer.ts';
import { KEEP_ALIVE_MS, WireHeads } from './wire-head.ts';

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

/** How often idle connections are looked for. */
const SWEEP_MS = 1000;

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
  const files = new MachineFiles({ images: assets, generated, sink });
  const deliveries = new Deliveries(unacknowledged);
  const transfers = new Transfers({ sink, clock, deliveries });
  const server = nodeHttp.createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, noDelay: true },
    createApp({ files, transfers, generated, sink, api, following: followed }),
  );
  server.timeout = IDLE_MS;
  server.on('clientError', (error, socket) => badRequest(sink, error, socket));
  const front = new Front({
    files,
    transfers,
    deliveries,
    heads: new WireHeads(clock.now),
    isReserved,
    handOver: takeConnections(server, (socket) => front.accept(socket)),
    late: (socket) => refuse(sink, socket, LATE),
    monotonic: clock.monotonic,
  });
  const sweeping = setInterval(() => front.sweep(), SWEEP_MS).unref();
  const wanted = isLocalAddress(profile.addresses.http) ? profile.addresses.http : profile.adapter.address;
  const address = formatIpv4(wanted);
  await generated.start();
  try {
    await listen(server, address, profile.httpPort);
  } catch (error) {
    clearInterval(sweeping);
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
      clearInterval(sweeping);
      followed.stop();
      front.close();
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

/**
 * Has the connections of a server given to `accept` instead of its http parser.
 *
 * @returns what gives one to the parser after all.
 */
function takeConnections(server: http.Server, accept: (socket: Socket) => void): (socket: Socket) => void {
  const parse = server.listeners('connection') as ((this: http.Server, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', accept);
  return (socket) => {
    for (const listener of parse) listener.call(server, socket);
  };
}

const LATE = { status: '408 Request Timeout', reason: 'the request did not arrive in time' } as const;

/** A connection that broke is no request; anything else that is not HTTP gets one short answer. */
function badRequest(sink: Sink, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (errnoOf(error) === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = errnoOf(error) === 'ERR_HTTP_REQUEST_TIMEOUT';
  refuse(sink, socket, late ? LATE : { status: '400 Bad Request', reason: `not HTTP: ${error.message}` });
}

function refuse(
  sink: Sink,
  socket: Duplex & { readonly remoteAddress?: string | undefined },
  { status, reason }: { readonly status: string; readonly reason: string },
): void {
  const address = socket.remoteAddress ?? 'unknown';
  const code = Number.parseInt(status, 10);
  sink({ kind: 'http.refused', address, status: code, request: 'a request', reason });
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
