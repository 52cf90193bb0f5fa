import net from 'node:net';
import { formatIpv4, parseIpv4 } from '../../../src/protocol/ipv4.ts';
import type { Order } from './order.ts';

const HTTP = 80;
/** Connections that are begun at once; more would only wait in the kernel's queues. */
const AT_ONCE = 64;

/** How many connections were wanted, are there, and were ended by the server. */
export interface Count {
  opened: number;
  refused: number;
  ended: number;
  received: number;
}

export const nothingYet = (): Count => ({ opened: 0, refused: 0, ended: 0, received: 0 });

/** TCP connections from the attacker's addresses in turn. */
export class Connections {
  readonly count = nothingYet();
  readonly #order: Order;
  readonly #addresses: number;
  readonly #open = new Set<net.Socket>();
  #made = 0;
  #stopped = false;

  constructor(order: Order, addresses: number) {
    this.#order = order;
    this.#addresses = addresses;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Opens so many, each given to `use` when it is there. */
  async make(wanted: number, use: (socket: net.Socket) => void): Promise<void> {
    let left = wanted;
    const worker = async () => {
      while (left > 0 && !this.#stopped) {
        left -= 1;
        await this.#one(use);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted) }, worker));
  }

  /** Keeps so many open: what ends is made anew. */
  keep(wanted: number, use: (socket: net.Socket) => void): void {
    for (let n = 0; n < wanted; n++) void this.#again(use);
  }

  async #again(use: (socket: net.Socket) => void): Promise<void> {
    while (!this.#stopped) {
      const socket = await this.#one(use);
      if (socket && !socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
      // Whoever is refused tries again, but does not spin.
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #one(use: (socket: net.Socket) => void): Promise<net.Socket | undefined> {
    const { clients, server } = this.#order;
    const localAddress = formatIpv4(parseIpv4(clients.first)! + (this.#made++ % this.#addresses));
    return new Promise((resolve) => {
      const socket = net.connect({ host: server, port: HTTP, localAddress });
      let there = false;
      socket.on('connect', () => {
        there = true;
        this.count.opened += 1;
        this.#open.add(socket);
        use(socket);
        resolve(socket);
      });
      socket.on('data', (bytes) => (this.count.received += bytes.length));
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        if (there) this.count.ended += 1;
        else this.count.refused += 1;
        resolve(undefined);
      });
    });
  }

  stop(): Count {
    this.#stopped = true;
    const count = { ...this.count };
    for (const socket of this.#open) socket.destroy();
    return count;
  }
}

export const head = (method: string, path: string, ...lines: readonly string[]): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: 10.88.0.1', ...lines, '', ''].join('\r\n');
