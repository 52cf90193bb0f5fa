import type { Host } from '../../test/lab/net.ts';

/** What came out of an adapter of the server, counted by the switch's packet filter: nothing of it is ever lost. */
export interface Counted {
  /** UDP from whatever port: answers of dhcp and tftp. */
  readonly udp: number;
  /** TCP that is no refusal. */
  readonly tcp: number;
  /** IPv6 router advertisements. */
  readonly advertisements: number;
  /** Frames of any kind: shows that the tap hears. */
  readonly frames: number;
}

const COUNTERS = ['udp', 'tcp', 'advertisements', 'frames'] as const;

/** Counts by the adapter's name at the switch, so that it goes on when that is made anew. */
export class Tap {
  readonly #switch: Host;
  readonly #name: string;

  private constructor(host: Host, name: string) {
    this.#switch = host;
    this.#name = name;
  }

  static async on(host: Host, adapter: string): Promise<Tap> {
    const name = `tap_${adapter.replaceAll('-', '_')}`;
    const from = `iifname "${adapter}"`;
    const rules = `table bridge ${name} {
${COUNTERS.map((counter) => `  counter ${counter} { }`).join('\n')}
  chain all {
    type filter hook prerouting priority 0;
    ${from} counter name frames
    ${from} ether type ip ip protocol udp counter name udp
    ${from} ether type ip ip protocol tcp tcp flags & rst == 0 counter name tcp
    ${from} ether type ip6 icmpv6 type nd-router-advert counter name advertisements
  }
}`;
    const { status, output } = await host.run('nft', [rules]);
    if (status !== 0) throw new Error(`nft: ${output}`);
    return new Tap(host, name);
  }

  async counted(): Promise<Counted> {
    const { output } = await this.#switch.run('nft', [
      '-j',
      'list',
      'counters',
      'table',
      'bridge',
      this.#name,
    ]);
    const { nftables } = JSON.parse(output) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const found = nftables.flatMap(({ counter }) =>
      counter ? [[counter.name, counter.packets] as const] : [],
    );
    return Object.fromEntries(found) as unknown as Counted;
  }
}
