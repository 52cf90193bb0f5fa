import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Router } from 'express';
import { failures } from '../../../src/http/api/failure.ts';
import type { Event } from '../../../src/journal/event.ts';

/** Routes on a port of their own. */
export class Served implements AsyncDisposable {
  readonly events: Event[] = [];
  readonly #server: http.Server;

  private constructor(router: Router) {
    const app = express();
    app.use(
      router,
      failures((event) => this.events.push(event)),
    );
    this.#server = http.createServer(app);
  }

  static async start(router: Router): Promise<Served> {
    const served = new Served(router);
    served.#server.listen(0, '127.0.0.1');
    await once(served.#server, 'listening');
    return served;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, options);
  }

  /** Status and body in one. */
  async json(path: string): Promise<{ status: number; body: unknown }> {
    const response = await this.get(path);
    return { status: response.status, body: await response.json() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
