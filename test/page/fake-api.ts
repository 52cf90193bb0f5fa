import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { PAGE_HEADERS } from '../../src/http/api/guard.ts';
import type { Events, Health, Images, Leases, LogLine } from '../../src/http/api/shapes.ts';
import { pageRoutes } from '../../src/http/page-files.ts';
import {
  fakeAppliance,
  fakeExplanation,
  fakeHealth,
  fakeImages,
  fakeLeases,
  fakePackets,
  fakeScript,
} from './fake-answers.ts';
import { machineAt, type Plan, summaryAt } from './fake-machines.ts';
import { plans } from './fake-plans.ts';

export interface FakeOptions {
  readonly machines?: number;
  readonly hostile?: boolean;
  /** Releasing takes this token. */
  readonly token?: string;
  readonly pool?: number;
  readonly images?: Images;
  /** What becomes of each answer and event before it is sent. */
  readonly taint?: (answer: unknown) => unknown;
  /** The time that machines are at; stands still unless the boots are to go on. */
  readonly now?: () => number;
}

/** Serves the page and answers it as the http service would, from machines that are made up. */
export class FakeApi implements AsyncDisposable {
  plans: Plan[];
  health: Health = fakeHealth();
  images: Images;
  leases: Leases;
  readonly log: LogLine[] = [];
  readonly released: string[] = [];
  /** Takes requests and says nothing any more, as behind a cable that was pulled. */
  frozen = false;
  readonly #options: FakeOptions;
  readonly #now: () => number;
  readonly #outlets = new Set<ServerResponse>();
  #server: Server | undefined;
  #port = 0;

  constructor(options: FakeOptions = {}) {
    const { machines = 30, hostile = false, now = Date.now, pool = 60 } = options;
    this.#options = options;
    this.#now = now;
    this.plans = plans(machines, now(), hostile);
    this.images = options.images ?? fakeImages(now(), hostile);
    this.leases = fakeLeases(this.plans, pool, now());
    for (const plan of this.plans) this.log.push(...linesOf(plan, now()));
    this.log.sort((a, b) => a.at - b.at);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** On the port it had before, when it is started again. */
  async start(): Promise<this> {
    this.#server = this.#app().listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  tell<K extends keyof Events>(event: K, data: Events[K]): void {
    const text = JSON.stringify(this.#tainted(data));
    for (const outlet of this.#outlets) outlet.write(`event: ${event}\ndata: ${text}\n\n`);
  }

  /** Tells the machines as they are now. */
  tellMachines(which: readonly Plan[] = this.plans): void {
    for (const plan of which) this.tell('machine', summaryAt(plan, this.#now()));
  }

  #tainted(answer: unknown): unknown {
    return this.#options.taint?.(answer) ?? answer;
  }

  #app() {
    const app = express();
    const now = this.#now;
    const plan = (mac: string | undefined) => this.plans.find((each) => each.mac === mac);
    app.use((_request, response, next) => {
      if (this.frozen) return;
      response.set(PAGE_HEADERS);
      const json = response.json.bind(response);
      response.json = (answer) => json(this.#tainted(answer));
      next();
    });
    app.use(express.json());
    app.get('/api/machines', (_request, response) => {
      response.json(this.plans.map((each) => summaryAt(each, now())));
    });
    app.get('/api/machines/:mac', (request, response) => {
      const found = plan(request.params.mac);
      if (found) response.json(machineAt(found, now()));
      else response.status(404).json({ error: 'no such machine is known', remedy: 'see /api/machines' });
    });
    app.get('/api/machines/:mac/packets', (request, response) => {
      const found = plan(request.params.mac);
      response.json(found ? fakePackets(found) : []);
    });
    app.get('/api/machines/:mac/script', (_request, response) => void response.json(fakeScript()));
    app.get('/api/explain', (_request, response) => void response.json(fakeExplanation()));
    app.get('/api/appliance', (_request, response) => void response.json(fakeAppliance()));
    app.get('/api/health', (_request, response) => void response.json(this.health));
    app.get('/api/leases', (_request, response) => void response.json(this.leases));
    app.get('/api/images', (_request, response) => void response.json(this.images));
    app.get('/api/log', (_request, response) => void response.json(this.log.slice(-500)));
    app.post('/api/leases/:address/release', (request, response) => {
      const { token } = this.#options;
      if (token !== undefined && request.get('authorization') !== `Bearer ${token}`) {
        response
          .status(401)
          .json({ error: 'this caller may only read', remedy: 'send the API_TOKEN of .env' });
        return;
      }
      const { address } = request.params;
      this.released.push(address);
      this.leases = {
        ...this.leases,
        leases: this.leases.leases.filter((lease) => lease.address !== address),
      };
      response.json({});
    });
    app.get('/events', (_request, response) => {
      response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.flushHeaders();
      response.write('event: hello\ndata: {"version":"0.1.0"}\n\n');
      this.#outlets.add(response);
      response.on('close', () => this.#outlets.delete(response));
    });
    app.use(pageRoutes());
    return app;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function linesOf(plan: Plan, now: number): LogLine[] {
  const steps = machineAt(plan, now).history[0]?.steps ?? [];
  return steps.map(({ at, service, level, text }) => ({ at, service, level, text, mac: plan.mac }));
}
