import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { BlockCache, cacheLimit } from '../assets/blocks.ts';
import { openImages } from '../assets/images.ts';
import { errnoOf } from '../assets/system-error.ts';
import { SCRIPT_NAME } from '../boot/plan.ts';
import type { Profile } from '../config/profile.ts';
import type { Sink } from '../journal/event.ts';
import { isLocalAddress } from '../platform/adapters.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { ControlHealth } from '../platform/control-protocol.ts';
import { descriptorLimit } from '../platform/descriptors.ts';
import { nodeHttp } from '../platform/node-http.ts';
import type { RunningService } from '../platform/running.ts';
import { adopt } from '../platform/tcp-handover.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { fileUrl } from '../protocol/ipxe/url.ts';
import { following } from './api/following.ts';
import { apiParts } from './api/parts.ts';
import { createApp } from './app.ts';
import { HEAD_MS, IDLE_MS } from './front.ts';
import { GeneratedFiles } from './generated-files.ts';
import { listenAlone, takeConnections, tryPlace } from './listen.ts';
import type { Observed } from './observer/observed.ts';
import { Pipeline } from './pipeline.ts';
import { LATE, type Refusal, refuse, TOO_LONG } from './refusal.ts';
import { newSeatCells, SeatCount } from './seat-count.ts';
import type { SeatLimits } from './seats.ts';
import { ShortPath } from './short-path.ts';
import { KEEP_ALIVE_MS } from './wire-head.ts';
import { newCells, nextTransfer } from './workers/messages.ts';
import type { OpenThread } from './workers/thread.ts';
import type { Workers } from './workers/workers.ts';

/** Browsers behind proxies send some thirty. */
const MOST_HEADERS = 100;

export interface HttpOptions {
  readonly profile: Profile;
  readonly sink: Sink;
  readonly clock?: Clock;
  /** How many answer machines, the main one among them; 1 by default. */
  readonly threads?: number | undefined;
  /** A test has its own hand on the threads. */
  readonly openThread?: OpenThread;
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
  /**
   * Begins no download from now on, waits for those that are under way until `end`, and closes all connections: a machine whose download
   * breaks off misses bytes of its Content-Length. Without `end` nothing is waited for.
   */
  stop(end?: AbortSignal): Promise<void>;
}

/**
 * Starts the http service on the advertised address, or, where that is another host's, on the adapter's.
 *
 * @throws the system's error where the port cannot be had: EADDRINUSE, EADDRNOTAVAIL, EACCES.
 */
export async function startHttp(options: HttpOptions): Promise<HttpService> {
  const { profile, sink, clock = systemClock, threads = 1 } = options;
  const limit = Math.floor(cacheLimit() / threads);
  const images = openImages(profile.paths, sink, new BlockCache({ limit }));
  const generated = new GeneratedFiles(profile, sink);
  const api = apiParts({ ...options, clock, generated });
  const followed = following(api);
  const cells = newCells();
  const seatCells = newSeatCells(randomBytes(4).readInt32LE());
  const limits = seatLimits(profile, sink);
  const path = new ShortPath({
    images,
    generated,
    sink,
    clock,
    next: () => nextTransfer(cells),
    handOver(socket) {
      path.seats.passOn(socket, pipeline.activityOf(socket));
      parse(socket);
    },
    limits,
    count: new SeatCount(seatCells),
    cacheLimit: limit,
  });
  const pipeline = new Pipeline({ monotonic: clock.monotonic, note: path.note });
  const { files, transfers } = path;
  const app = createApp({ files, transfers, generated, sink, api, following: followed });
  const server = nodeHttp.createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEAD_MS, requestTimeout: HEAD_MS, noDelay: true },
    (request, response) => {
      if (pipeline.enter(request, response)) app(request, response);
    },
  );
  server.timeout = IDLE_MS;
  server.maxHeadersCount = MOST_HEADERS;
  server.on('clientError', (error, socket) => {
    pipeline.broken(socket, () => badRequest(sink, error, socket));
  });
  const parse = takeConnections(server, path.accept);
  const wanted = isLocalAddress(profile.addresses.http) ? profile.addresses.http : profile.adapter.address;
  const address = formatIpv4(wanted);
  const place = { host: address, port: profile.httpPort };
  // What is in images/ would be told again with every attempt to get a port that is taken.
  await tryPlace(place);
  await generated.start();
  try {
    await listenAlone(server, place, threads > 1);
  } catch (error) {
    await generated.stop();
    throw error;
  }
  server.on('error', (error) => {
    sink({ kind: 'http.failed', address, request: 'listening', reason: error.message });
  });
  path.start();
  followed.start();
  const { port } = server.address() as { port: number };
  const advertised = { address: profile.addresses.http, port: profile.httpPort };
  sink({ kind: 'http.listening', address, port, url: fileUrl(advertised, SCRIPT_NAME) });
  const workers = threads > 1 ? await openWorkers() : undefined;
  return {
    address,
    port,
    problems: () => generated.problems,
    async stop(end) {
      const underWay = () => transfers.underWay + (workers?.underWay ?? 0);
      const running = underWay();
      followed.stop();
      if (end && running > 0) {
        sink({ kind: 'http.stopping', transfers: running });
        // The port stays open: a machine that is refused gives up, one that is told to come back does.
        await Promise.all([path.finish(end), workers?.finish(end)]);
      }
      const ended = underWay();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      path.close();
      server.closeAllConnections();
      await Promise.all([closed, workers?.stop(), transfers.settled(), generated.stop()]);
      sink({ kind: 'http.stopped', finished: Math.max(0, running - ended), ended });
    },
  };

  async function openWorkers(): Promise<Workers> {
    const { Workers } = await import('./workers/workers.ts');
    const workers = new Workers({
      count: threads - 1,
      place: { host: address, port },
      paths: profile.paths,
      cacheLimit: limit,
      cells,
      limits,
      seatCells,
      images,
      generated,
      sink,
      clock,
      take(loose) {
        const socket = adopt(loose);
        if (!server.listening) socket.destroy();
        else if (path.seats.take(socket, pipeline.activityOf(socket))) parse(socket);
      },
      open: options.openThread,
    });
    workers.start();
    sink({ kind: 'http.threads', threads });
    return workers;
  }
}

/** Descriptors for what is no connection: files, databases, threads, and what Node opens. */
const OTHER_DESCRIPTORS = 512;

/** As many connections as wanted, or as the system lets this process have. */
function seatLimits({ limits }: Profile, sink: Sink): SeatLimits {
  const { all, perAddress } = limits.http;
  const descriptors = descriptorLimit();
  const most = Math.max(Math.floor(descriptors / 2), descriptors - OTHER_DESCRIPTORS);
  if (all <= most) return { all, perAddress };
  sink({ kind: 'http.few-descriptors', wanted: all, connections: most, descriptors });
  return { all: most, perAddress };
}

/** By Node's names for what is wrong. */
const REFUSALS: Readonly<Record<string, Refusal | undefined>> = {
  ERR_HTTP_REQUEST_TIMEOUT: LATE,
  HPE_HEADER_OVERFLOW: TOO_LONG,
};

/** A connection that broke is no request; anything else that is not HTTP gets one short answer. */
function badRequest(sink: Sink, error: NodeJS.ErrnoException, socket: Duplex): void {
  if (errnoOf(error) === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const known = REFUSALS[errnoOf(error) ?? ''];
  refuse(sink, socket, known ?? { status: '400 Bad Request', reason: `not HTTP: ${error.message}` });
}
