import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Answering } from '../../../src/dhcp/explain.ts';
import { operatorRoutes } from '../../../src/dhcp/operator.ts';
import type { Observed } from '../../../src/http/observer/observed.ts';
import { type HttpService, startHttp } from '../../../src/http/service.ts';
import type { Event } from '../../../src/journal/event.ts';
import { MemoryLeaseStore } from '../../../src/leases/memory-store.ts';
import { ControlServer } from '../../../src/platform/control.ts';
import { type ControlHealth, controlSocket } from '../../../src/platform/control-protocol.ts';
import { parseIpv4, subnetOf } from '../../../src/protocol/ipv4.ts';
import { Folder } from '../../assets/folder.ts';
import { Rig } from '../../dhcp/rig.ts';
import { profileOf } from '../../profile.ts';
import { FakeObserved } from './fake-observed.ts';

export const TOKEN = 'a-token-of-sixteen-characters';

export interface RunningOptions {
  readonly observed?: Partial<Observed>;
  readonly token?: string;
  readonly domain?: string;
}

/** The http service on loopback, with a dhcp beside it that answers its socket; who calls is the host itself. */
export class Running implements AsyncDisposable {
  readonly images = new Folder();
  readonly loaders = new Folder();
  readonly events: Event[] = [];
  readonly told: Event[] = [];
  readonly rig = new Rig();
  readonly state = mkdtempSync(path.join(os.tmpdir(), 'state-'));
  #service: HttpService | undefined;
  #dhcp: ControlServer | undefined;

  async start(options: RunningOptions = {}): Promise<this> {
    const base = profileOf();
    const profile = profileOf({
      httpPort: 0,
      domain: options.domain,
      // Machines of 10.0.0.0/24 are served; the callers of these tests come by loopback.
      adapter: { ...base.adapter, subnet: subnetOf(parseIpv4('10.0.0.0')!, 24) },
      pool: {
        first: parseIpv4('10.0.0.10')!,
        count: 4,
        reserved: [{ address: parseIpv4('10.0.0.11')!, holder: 'a printer' }],
      },
      paths: { ...base.paths, images: this.images.path, loaders: this.loaders.path, state: this.state },
    });
    const { observed } = new FakeObserved(options.observed);
    const { token } = options;
    this.#service = await startHttp({ profile, sink: (event) => this.events.push(event), observed, token });
    return this;
  }

  get port(): number {
    return this.#service!.port;
  }

  /** Starts the dhcp beside it. */
  async dhcp(answering: Answering = { mode: 'server', scopes: this.rig.scopes }): Promise<void> {
    const sink = (event: Event) => this.told.push(event);
    const health: ControlHealth = {
      service: 'dhcp',
      problems: [],
      journal: ['its disk is full'],
      since: 1,
      version: '1',
      mode: answering.mode,
    };
    const operator = operatorRoutes({
      answering,
      store: new MemoryLeaseStore(),
      sink,
      now: () => this.rig.now,
    });
    const routes = () => ({ 'GET /status': () => health, ...operator });
    this.#dhcp = new ControlServer({
      service: 'dhcp',
      files: [controlSocket(this.state, 'dhcp')],
      routes,
      sink,
    });
    await this.#dhcp.start();
  }

  /** With any header, also those that fetch() keeps to itself. */
  async call(
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const request = http.request(
      { host: '127.0.0.1', port: this.#service!.port, method, path: target, headers, agent: false },
      async (response) => {
        const { statusCode: status = 0, headers: given } = response;
        const init = {
          status,
          headers: Object.entries(given).map(([name, value]) => [name, String(value)] as [string, string]),
        };
        // What stays open is not read to its end.
        const stream = given['content-type']?.startsWith('text/event-stream');
        if (stream) response.destroy();
        resolve(new Response(stream || method === 'HEAD' ? null : await text(response), init));
      },
    );
    request.on('error', reject);
    request.end(body);
    return promise;
  }

  post(target: string, headers: Record<string, string> = {}, body = '{}'): Promise<Response> {
    return this.call('POST', target, { 'content-type': 'application/json', ...headers }, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#dhcp?.close();
    await this.#service?.stop();
    this.images[Symbol.dispose]();
    this.loaders[Symbol.dispose]();
    rmSync(this.state, { recursive: true });
  }
}
