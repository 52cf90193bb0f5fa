import type { Host } from '../../test/lab/net.ts';

/** What came out of an adapter of the server, counted by the packet filter of the switch, or of a machine: nothing of it is ever lost. */
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

/** Counts by the name of the adapter at which it comes in, so that it goes on when that is made anew. */
export class Tap {
  readonly #host: Host;
  readonly #name: string;
  readonly #family: string;

  private constructor(host: Host, name: string, family: string) {
    this.#host = host;
    this.#name = name;
    this.#family = family;
  }

  static async on(host: Host, adapter: string, family: 'bridge' | 'inet' = 'bridge'): Promise<Tap> {
    const name = `tap_${adapter.replaceAll(/\W/g, '_')}`;
    const from = `iifname "${adapter}"`;
    // A machine hears its own broadcasts.
    const udp = family === 'inet' ? 'udp sport != 68' : 'ip protocol udp';
    const rules = `table ${family} ${name} {
${COUNTERS.map((counter) => `  counter n_${counter} { }`).join('\n')}
  chain taken {
    type filter hook prerouting priority -300;
    ${from} counter name n_frames
    ${from} ${udp} counter name n_udp
    ${from} ip protocol tcp tcp flags & rst == 0 counter name n_tcp
    ${from} icmpv6 type nd-router-advert counter name n_advertisements
  }
}`;
    const { status, output } = await host.run('nft', [rules]);
    if (status !== 0) throw new Error(`nft: ${output}`);
    return new Tap(host, name, family);
  }

  async counted(): Promise<Counted> {
    const { output } = await this.#host.run('nft', [
      '-j',
      'list',
      'counters',
      'table',
      this.#family,
      this.#name,
    ]);
    const { nftables } = JSON.parse(output) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const found = nftables.flatMap(({ counter }) =>
      counter ? [[counter.name.slice(2), counter.packets] as const] : [],
    );
    return Object.fromEntries(found) as unknown as Counted;
  }
}
