import type { Host } from '../../test/lab/net.ts';

/**
 * Every IPv4 packet that the appliance's adapter receives and sends, counted by the kernel (nftables), so that none is missed: by
 * address, and for TFTP by address and port.
 */
const TABLE = (adapter: string) => `
table netdev accounts {
  set asked { type ipv4_addr; size 262144; flags dynamic; counter; }
  set told { type ipv4_addr; size 262144; flags dynamic; counter; }
  set requests { type ipv4_addr . inet_service; size 524288; flags dynamic; counter; }
  set replies { type ipv4_addr . inet_service; size 524288; flags dynamic; counter; }
  counter received { }
  counter sent { }
  chain in {
    type filter hook ingress device "${adapter}" priority 0;
    ether type ip counter name received
    ether type ip update @asked { ip saddr }
    udp dport 69 update @requests { ip saddr . udp sport }
  }
  chain out {
    type filter hook egress device "${adapter}" priority 0;
    ether type ip counter name sent
    ether type ip update @told { ip daddr }
    udp sport 69 update @replies { ip daddr . udp dport }
  }
}`;

export interface Tally {
  readonly packets: number;
  readonly bytes: number;
}

/** What has passed, in all. */
export interface Traffic {
  readonly received: Tally;
  readonly sent: Tally;
  /** Datagrams that waited at the ports and found no room, so that the kernel dropped them. */
  readonly dropped: number;
}

/** By address, or by `address:port`. */
export type Tallies = ReadonlyMap<string, Tally>;

/** Sources, destinations; TFTP's by the client's address and port. */
type SetName = 'asked' | 'told' | 'requests' | 'replies';
const PORTS = [67, 69, 4011];

/** Counts what passes an adapter of the host from open() on, until the host is gone. */
export class Accounts {
  readonly #host: Host;
  readonly #adapter: string;

  constructor(host: Host, adapter: string) {
    this.#host = host;
    this.#adapter = adapter;
  }

  async open(): Promise<void> {
    await this.#nft(TABLE(this.#adapter));
  }

  async traffic(): Promise<Traffic> {
    const { nftables } = await this.#list('counters');
    const counted = (name: string) => {
      const { packets, bytes } = nftables.find(({ counter }) => counter?.name === name)!.counter!;
      return { packets, bytes };
    };
    return { received: counted('received'), sent: counted('sent'), dropped: await this.#dropped() };
  }

  async tallies(name: SetName): Promise<Tallies> {
    const { nftables } = await this.#list(`set netdev accounts ${name}`);
    return tallies(nftables.find(({ set }) => set)?.set?.elem ?? []);
  }

  async #dropped(): Promise<number> {
    const { output } = await this.#host.run('cat', ['/proc/net/udp']);
    const sockets = output.split('\n').map((line) => line.trim().split(/\s+/));
    const port = (fields: readonly string[]) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    return sockets.reduce(
      (sum, fields) => sum + (PORTS.includes(port(fields)) ? Number(fields.at(-1)) : 0),
      0,
    );
  }

  async #list(what: string): Promise<{ nftables: readonly Listed[] }> {
    return JSON.parse(await this.#nft(`list ${what}`, '--json'));
  }

  async #nft(command: string, ...options: readonly string[]): Promise<string> {
    const { status, output } = await this.#host.run('nft', [...options, command], 60);
    if (status !== 0) throw new Error(`nft: ${output}`);
    return output;
  }
}

interface Listed {
  readonly counter?: Tally & { readonly name: string };
  readonly set?: { readonly name: string; readonly elem?: readonly Element[] };
}

type Value = string | { readonly concat: readonly (string | number)[] };
interface Element {
  readonly elem: { readonly val: Value; readonly counter: Tally };
}

function tallies(elements: readonly Element[]): Map<string, Tally> {
  return new Map(
    elements.map(({ elem: { val, counter } }) => [
      typeof val === 'string' ? val : val.concat.join(':'),
      { packets: counter.packets, bytes: counter.bytes },
    ]),
  );
}
