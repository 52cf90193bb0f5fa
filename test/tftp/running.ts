import type { TestContext } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { startTftp, type TftpOptions, type TftpService } from '../../src/tftp/service.ts';
import { profileOf } from '../profile.ts';
import { type Files, MemoryAssets } from './memory-assets.ts';
import { Peer } from './peer.ts';

/** The service on a port of its own, with files in memory and everything it reports. */
export class Running {
  readonly service: TftpService;
  readonly assets: MemoryAssets;
  readonly events: Event[];
  readonly #peers: Peer[] = [];

  private constructor(service: TftpService, assets: MemoryAssets, events: Event[]) {
    this.service = service;
    this.assets = assets;
    this.events = events;
  }

  static async start(t: TestContext, files: Files, options: Partial<TftpOptions> = {}): Promise<Running> {
    const assets = new MemoryAssets(files);
    const events: Event[] = [];
    const profile = profileOf();
    const sink = (event: Event) => void events.push(event);
    const service = await startTftp({ profile, assets, clock: systemClock, sink, port: 0, ...options });
    const running = new Running(service, assets, events);
    t.after(async () => {
      await service.stop();
      await Promise.all(running.#peers.map((peer) => peer.close()));
    });
    return running;
  }

  async peer(): Promise<Peer> {
    const peer = await Peer.open(this.service.port);
    this.#peers.push(peer);
    return peer;
  }

  /** The first event of a kind, waited for. */
  async event<K extends Event['kind']>(kind: K): Promise<Extract<Event, { kind: K }>> {
    for (let tries = 0; tries < 500; tries++) {
      const found = this.events.find((event) => event.kind === kind);
      if (found) return found as Extract<Event, { kind: K }>;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no ${kind} among ${this.events.map((event) => event.kind).join(', ')}`);
  }

  has(kind: Event['kind']): boolean {
    return this.events.some((event) => event.kind === kind);
  }
}
