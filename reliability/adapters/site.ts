import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askControl } from '../../src/platform/control-client.ts';
import { controlSocket } from '../../src/platform/control-protocol.ts';
import type { Resources } from '../../src/platform/resources.ts';
import { connect, type Host, type Lab } from '../../test/lab/net.ts';
import { Service } from '../../test/lab/service.ts';

export const SERVICES = ['dhcp', 'tftp', 'http'] as const;
export type Name = (typeof SERVICES)[number];

export interface Held {
  readonly descriptors: number;
  readonly timers: number;
}

export const SERVED = { adapter: 'lan0', server: '10.77.1.1', prober: '10.77.1.200' } as const;
export const OTHER = { adapter: 'lan1', server: '10.77.2.1', prober: '10.77.2.200' } as const;
export const FILE = { name: 'probe.bin', size: 20_000 } as const;

/**
 * The appliance's host with two adapters, each plugged into a bridge of the switch with a machine on it:
 *
 *     server lan0 10.77.1.1 ── p-lan0 br1 ── inside      (served)
 *     server lan1 10.77.2.1 ── p-lan1 br2 ── outside     (not served)
 */
export class Site {
  readonly server: Host;
  readonly switch: Host;
  readonly inside: Host;
  readonly outside: Host;
  readonly state: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #services = new Map<Name, Service>();

  constructor(lab: Lab, folder: string) {
    this.server = lab.host('server');
    this.switch = lab.host('switch');
    for (const bridge of ['br1', 'br2']) this.switch.bridge(bridge);
    this.inside = this.#machine(lab, 'inside', 'br1');
    this.outside = this.#machine(lab, 'outside', 'br2');
    // It knows every subnet that the served adapter ever has.
    for (const subnet of [1, 3]) this.inside.address('eth0', `10.77.${subnet}.200/24`);
    this.inside.address('eth0', '10.99.0.200/24');
    this.outside.address('eth0', `${OTHER.prober}/24`);
    this.outside.ip('route', 'add', '10.77.1.0/24', 'via', OTHER.server);
    const images = join(folder, 'images');
    this.state = join(folder, 'state');
    for (const made of [images, this.state]) mkdirSync(made, { recursive: true });
    writeFileSync(join(images, FILE.name), Buffer.alloc(FILE.size, 7));
    this.#environment = {
      ADAPTER: SERVED.adapter,
      IMAGES_DIR: images,
      STATE_DIR: this.state,
      TMPDIR: folder,
      LOADER_MIRROR: 'http://127.0.0.1:7999/',
      START_ADDRESS: '',
      LOG_LEVEL: 'info',
    };
  }

  #machine(lab: Lab, name: string, bridge: string): Host {
    const host = lab.host(name);
    connect({ host, adapter: 'eth0' }, { host: this.switch, adapter: `p-${name}`, bridge });
    return host;
  }

  /** Lays the cable of the served adapter, or of the other one. */
  plug(what: typeof SERVED | typeof OTHER, address: string | null = `${what.server}/24`): void {
    const bridge = what === SERVED ? 'br1' : 'br2';
    connect(
      { host: this.server, adapter: what.adapter, ...(address === null ? {} : { address }) },
      { host: this.switch, adapter: `p-${what.adapter}`, bridge },
    );
  }

  /** Takes the adapter away, with its cable. */
  unplug(what: typeof SERVED | typeof OTHER): void {
    this.server.ip('link', 'del', what.adapter);
  }

  begin(settings: Readonly<Record<string, string>> = {}): void {
    for (const name of SERVICES)
      this.#services.set(name, new Service(this.server, name, { ...this.#environment, ...settings }));
  }

  /** Resolves when they serve, unless they say nothing of that. */
  async start(settings: Readonly<Record<string, string>> = {}, told = true): Promise<void> {
    this.begin(settings);
    if (!told) return;
    for (const name of SERVICES) await this.log(name).until(/\w+ serves /, { seconds: 60 });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.stop('SIGKILL')));
    this.#services.clear();
  }

  log(name: Name): Service['log'] {
    return this.#services.get(name)!.log;
  }

  get pids(): number[] {
    return SERVICES.map((name) => this.#services.get(name)!.pid);
  }

  /** What a service says keeps machines from booting, at this moment. */
  async problems(name: Name): Promise<readonly string[]> {
    const { status, body } = await this.#ask(name, '/health');
    return status === 200 ? (body as { problems: string[] }).problems : [`no answer: ${status}`];
  }

  /** Descriptors and timers, service by service; the least of some looks, as machines come and go meanwhile. */
  async held(): Promise<Record<Name, Held>> {
    const each = SERVICES.map(async (name) => {
      let least: Held = { descriptors: Number.POSITIVE_INFINITY, timers: Number.POSITIVE_INFINITY };
      for (let looks = 0; looks < 8; looks++) {
        const { body } = await this.#ask(name, '/resources');
        const { active } = body as Resources;
        const descriptors = readdirSync(`/proc/${this.#services.get(name)!.pid}/fd`).length;
        least = {
          descriptors: Math.min(least.descriptors, descriptors),
          timers: Math.min(least.timers, active.Timeout ?? 0),
        };
        await sleep(100);
      }
      return [name, least] as const;
    });
    return Object.fromEntries(await Promise.all(each)) as Record<Name, Held>;
  }

  #ask(service: Name, path: string) {
    return askControl({
      file: controlSocket(this.state, service),
      service,
      method: 'GET',
      path,
      timeoutMs: 8000,
    });
  }
}
