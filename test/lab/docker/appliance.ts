import { Guest, type GuestOptions } from '../guest.ts';
import type { Lab } from '../net.ts';
import { type Segment, Site } from '../site.ts';
import { Stack } from './stack.ts';

/** The compose stack on a host of its own, and a switch that machines are plugged into: what Appliance is, in containers. */
export class ComposeAppliance {
  readonly site: Site;
  readonly #stack = new Stack();
  readonly #guests: Guest[] = [];

  constructor(lab: Lab) {
    this.site = new Site(lab);
  }

  get images(): string {
    return this.#stack.images;
  }

  /** Builds the image. Takes minutes the first time. */
  open(): Promise<void> {
    return this.#stack.open(this.site.server);
  }

  /** `docker compose up` with these settings in .env, on top of the site's adapter; resolves when all are healthy. */
  async serve(settings: Readonly<Record<string, string>>): Promise<void> {
    const all = { ADAPTER: 'srv0', LOADER_MIRROR: 'http://127.0.0.1:7999/', ...settings };
    this.#stack.setEnvironment(Object.entries(all).map(([name, value]) => `${name}='${value}'`));
    await this.#stack.up();
  }

  /** Plugs a machine in and switches it on. */
  async boot(options: Pick<GuestOptions, 'firmware' | 'mac'>, segment: Segment = 'br0'): Promise<Guest> {
    const guest = new Guest({ ...options, host: this.site.switch, bridge: segment });
    this.#guests.push(guest);
    await guest.start();
    return guest;
  }

  /** The end of the services' logs. */
  async logs(): Promise<string> {
    return (await this.#stack.logs()).split('\n').slice(-60).join('\n');
  }

  async stop(): Promise<void> {
    for (const guest of this.#guests.splice(0)) await guest.stop();
    await this.#stack.close();
    await this.site.clear();
  }
}
