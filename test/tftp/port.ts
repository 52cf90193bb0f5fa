import type { Event } from '../../src/journal/event.ts';
import { type Ipv4, parseIpv4 } from '../../src/protocol/ipv4.ts';
import { encode } from '../../src/protocol/tftp/codec.ts';
import type { Packet } from '../../src/protocol/tftp/packet.ts';
import { Server, type ServerOptions } from '../../src/tftp/server.ts';
import { sourceRule } from '../../src/tftp/sources.ts';
import { Outbox } from '../../src/tftp/wire.ts';
import { type Sent, SentBox } from '../fuzz/sent.ts';
import { MemoryAssets } from './memory-assets.ts';
import { content } from './rig.ts';

export const ip = (dotted: string): Ipv4 => parseIpv4(dotted)!;

const OWN = { address: ip('10.0.0.1'), port: 69 };
const SIZE = 20_000;

/** The TFTP port on a clock of its own; whoever a test names can send to it. */
export class Port {
  readonly events: Event[] = [];
  now = 1000;
  readonly server: Server;
  readonly #box = new SentBox();
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(capacity: ServerOptions['capacity'] = { all: 64, perAddress: 8 }, any = false) {
    const outbox = new Outbox();
    outbox.use(this.#box);
    this.server = new Server({
      assets: new MemoryAssets({ file: content(0, SIZE) }),
      images: '/nonexistent',
      limits: { blockSize: 1468, windowSize: 64, windowBytes: 128 * 1024 },
      clock: { now: () => Math.floor(this.now / 1000), monotonic: () => this.now },
      sink: (event) => void this.events.push(event),
      outbox,
      capacity,
      standing: sourceRule({ subnets: [{ network: ip('10.0.0.0'), prefix: 16 }], own: OWN, any }),
      ports: 'one',
      address: OWN.address,
      wakeBy: (at) => {
        this.#wakeAt = Math.min(this.#wakeAt, at);
      },
    });
  }

  /** @param from such as "10.0.0.5:2070". @returns what is sent for it. */
  async hear(from: string, what: Packet | Uint8Array): Promise<Sent[]> {
    const [address, port] = from.split(':');
    const bytes = what instanceof Uint8Array ? what : encode(what);
    this.server.batch([{ bytes, address: ip(address!), port: Number(port) }]);
    for (let turns = 0; turns < 6; turns++) await Promise.resolve();
    return this.#box.take();
  }

  request(from: string, options: Record<string, string> = { tsize: '0' }, file = 'file'): Promise<Sent[]> {
    return this.hear(from, { type: 'rrq', file, mode: 'octet', options: new Map(Object.entries(options)) });
  }

  ack(from: string, block: number): Promise<Sent[]> {
    return this.hear(from, { type: 'ack', block });
  }

  /** Time goes on; what is sent meanwhile. */
  pass(milliseconds: number): Sent[] {
    const until = this.now + milliseconds;
    while (this.#wakeAt <= until) {
      this.now = Math.max(this.now, this.#wakeAt);
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.server.wake();
    }
    this.now = until;
    return this.#box.take();
  }

  has(kind: Event['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }
}
