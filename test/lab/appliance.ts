import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Guest, type GuestOptions } from './guest.ts';
import { addGuestSystem } from './guest-system.ts';
import { temporaryFolder } from './leftovers.ts';
import type { Host, Lab } from './net.ts';
import { Service } from './service.ts';
import { type Segment, Site } from './site.ts';

export { SERVER } from './site.ts';

const NAMES = ['dhcp', 'tftp', 'http'] as const;
type Name = (typeof NAMES)[number];

/** The three services as processes on a host of their own, and a switch that machines are plugged into. */
export class Appliance {
  readonly site: Site;
  readonly images: string;
  readonly #folder = temporaryFolder('appliance');
  readonly #own: Readonly<Record<string, string>>;
  #environment: Readonly<Record<string, string>>;
  readonly #guests: Guest[] = [];
  #services: Partial<Record<Name, Service>> = {};

  /** `settings` come on top of an ADAPTER, folders of its own, and a loader source that refuses every connection; `core` as for Site. */
  constructor(lab: Lab, settings: Readonly<Record<string, string>> = {}, core?: number) {
    this.site = new Site(lab, core);
    this.images = join(this.#folder, 'images');
    mkdirSync(this.images);
    this.#own = {
      ADAPTER: 'srv0',
      IMAGES_DIR: this.images,
      STATE_DIR: join(this.#folder, 'state'),
      TMPDIR: this.#folder,
      LOADER_MIRROR: 'http://127.0.0.1:7999/',
      ...settings,
    };
    this.#environment = this.#own;
    mkdirSync(join(this.#folder, 'state'));
  }

  /** What the services were started with. */
  get environment(): Readonly<Record<string, string>> {
    return this.#environment;
  }

  get server(): Host {
    return this.site.server;
  }

  get switch(): Host {
    return this.site.switch;
  }

  /** Puts the lab's kernel and initrd into images/. */
  addKernel(): void {
    addGuestSystem(this.images);
  }

  start(): void {
    for (const name of NAMES) this.begin(name);
  }

  /** Starts one service, and does not wait. */
  begin(name: Name): Service {
    const service = new Service(this.server, name, this.#environment);
    this.#services = { ...this.#services, [name]: service };
    return service;
  }

  /** Starts the services, anew if they run already, with these settings on top of all; resolves when they serve. */
  async serve(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#end();
    this.#environment = { ...this.#own, ...settings };
    this.start();
    for (const name of NAMES) await this.serving(name);
  }

  /** Resolves when the service that was begun last serves. */
  async serving(name: Name): Promise<void> {
    await this.service(name).log.until(new RegExp(`${name} (serves|answers)`), { seconds: 60 });
  }

  service(name: Name): Service {
    return this.#services[name]!;
  }

  /** Plugs a machine in and switches it on. */
  async boot(options: Pick<GuestOptions, 'firmware' | 'mac'>, segment: Segment = 'br0'): Promise<Guest> {
    const guest = new Guest({ ...options, host: this.switch, bridge: segment, beside: () => this.#logs() });
    this.#guests.push(guest);
    await guest.start();
    return guest;
  }

  #logs(): string[] {
    return NAMES.flatMap((name) =>
      (this.#services[name]?.log.lines ?? []).slice(-15).map((line) => `${name} | ${line}`),
    );
  }

  async stop(): Promise<void> {
    for (const guest of this.#guests.splice(0)) await guest.stop();
    await this.#end();
    await this.site.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    for (const service of Object.values(this.#services)) await service.stop();
    this.#services = {};
  }
}
