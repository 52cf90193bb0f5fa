import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import type http from 'node:http';
import path from 'node:path';
import type { Sink } from '../journal/event.ts';
import { unexpected } from '../journal/fault.ts';
import { type ControlAnswer, type ControlRoutes, ControlTrouble, MOST_BYTES } from './control-protocol.ts';
import { nodeHttp } from './node-http.ts';

export interface ControlOptions {
  readonly service: string;
  /** A socket each, answering alike; no two services in one folder have the same. */
  readonly files: readonly string[];
  /** What is answered at this moment, by "METHOD /path". */
  readonly routes: () => ControlRoutes;
  readonly sink: Sink;
}

/** sun_path of struct sockaddr_un holds 108 bytes with its NUL. */
const LONGEST_PATH = 107;
const TRY_AGAIN_MS = 10_000;
const LIMITS = {
  headersTimeout: 2000,
  requestTimeout: 5000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
};
const MOST_CONNECTIONS = 64;

/**
 * Answers the other services and health probes: HTTP with JSON over Unix sockets that only this user's processes may open. A socket that
 * cannot be made is told once and tried again; it never keeps a service from its work.
 */
export class ControlServer {
  readonly #options: ControlOptions;
  readonly #servers = new Map<string, http.Server>();
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** Resolves after the first try. Never rejects. */
  async start(): Promise<void> {
    await this.#open();
    this.#timer = setInterval(() => void this.#open(), TRY_AGAIN_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const [file, server] of this.#servers) {
      if (isOurs(file, server)) rmSync(file, { force: true });
      server.close();
      server.closeAllConnections();
    }
    this.#servers.clear();
  }

  /** Opens what is not open, and anew what somebody has removed. One that another process has put in its place is that one's. */
  async #open(): Promise<void> {
    for (const file of this.#options.files) {
      const server = this.#servers.get(file);
      if (server && existsSync(file)) continue;
      server?.close();
      this.#servers.delete(file);
      try {
        this.#servers.set(file, await this.#listen(file));
        this.#told.delete(file);
      } catch (error) {
        this.#tell(file, (error as Error).message);
      }
    }
  }

  #tell(file: string, reason: string): void {
    if (this.#told.get(file) === reason) return;
    this.#told.set(file, reason);
    this.#options.sink({ kind: 'config.no-control', service: this.#options.service, file, reason });
  }

  /**
   * Under another name first: the rename puts it in the place of one that a killed process has left, and never is there a moment without
   * any, or with one that others may open.
   */
  async #listen(file: string): Promise<http.Server> {
    const length = Buffer.byteLength(file);
    if (length > LONGEST_PATH)
      throw new Error(`its path has ${length} bytes, and a socket's may have ${LONGEST_PATH} at most`);
    mkdirSync(path.dirname(file), { recursive: true });
    const made = path.join(path.dirname(file), `.${this.#options.service}-${process.pid}`);
    rmSync(made, { force: true });
    const server = nodeHttp.createServer(LIMITS, (request, response) => void this.#answer(request, response));
    server.maxConnections = MOST_CONNECTIONS;
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(made, () => resolve());
    });
    try {
      chmodSync(made, 0o600);
      INODES.set(server, statSync(made).ino);
      renameSync(made, file);
    } catch (error) {
      server.close();
      throw error;
    }
    server.on('error', (error) => this.#tell(file, error.message));
    server.unref();
    return server;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const { status, body } = await this.#decide(request);
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      Connection: 'close',
    });
    response.end(text);
  }

  async #decide(request: http.IncomingMessage): Promise<ControlAnswer> {
    const { service, routes } = this.#options;
    const asked = `${request.method} ${request.url}`;
    try {
      const route = routes()[asked];
      if (!route)
        throw new ControlTrouble(
          404,
          `${service} does not answer ${asked} at the moment`,
          'try again once it serves',
        );
      return { status: 200, body: await route(await bodyOf(request)) };
    } catch (error) {
      if (error instanceof ControlTrouble)
        return { status: error.status, body: { error: error.message, remedy: error.remedy } };
      this.#options.sink(unexpected(service, error));
      return {
        status: 500,
        body: { error: `${service} failed`, remedy: `see its log: docker compose logs ${service}` },
      };
    }
  }
}

const INODES = new WeakMap<http.Server, number>();

/** False where the file has been removed, or is another process's by now. */
function isOurs(file: string, server: http.Server): boolean {
  return statSync(file, { throwIfNoEntry: false })?.ino === INODES.get(server);
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES)
      throw new ControlTrouble(413, 'the request is too large', `send ${MOST_BYTES} bytes at most`);
    chunks.push(chunk as Buffer);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlTrouble(400, 'the request is not JSON', 'send a JSON object');
  }
}
