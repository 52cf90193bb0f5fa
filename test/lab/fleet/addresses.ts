import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Host } from '../net.ts';

const run = promisify(execFile);

/**
 * Many machines behind one adapter, each with the hardware address of its own that the network sees: whatever leaves with a
 * machine's IP address, ARP answers among it, gets that machine's MAC on its way out (nftables, netdev egress), and frames to any
 * of these MACs are taken. Every address of the range is local without being configured.
 */
const TABLE = (adapter: string) => `
table netdev fleet {
  map macs { type ipv4_addr : ether_addr; }
  chain out {
    type filter hook egress device "${adapter}" priority 0;
    ether type ip ether saddr set ip saddr map @macs
    ether type arp arp saddr ether set arp saddr ip map @macs
    ether type arp ether saddr set arp saddr ip map @macs
  }
  chain in {
    type filter hook ingress device "${adapter}" priority 0;
    meta pkttype other meta pkttype set host
  }
}`;

/** Makes the host stand for all addresses of `range` ("10.88.0.0/24") but those of `others`, which are on the network. */
export async function standFor(
  host: Host,
  adapter: string,
  range: string,
  others: readonly string[],
): Promise<void> {
  host.ip('link', 'set', adapter, 'promisc', 'on');
  host.ip('route', 'add', 'local', range, 'dev', adapter);
  // In the same table, where the longer prefix wins.
  for (const other of others) host.ip('route', 'add', other, 'dev', adapter, 'table', 'local');
  const { status, output } = await host.run('nft', [TABLE(adapter)]);
  if (status !== 0) throw new Error(`nft: ${output}`);
}

/** Which machine has which address; lives in the program, inside the host. */
export class Addresses {
  readonly #macs = new Map<string, string>();
  #pending: Promise<void> | undefined;
  #commands: string[] = [];

  /** Resolves when packets from the address carry the MAC. */
  own(address: string, mac: string): Promise<void> {
    const before = this.#macs.get(address);
    if (before === mac) return this.#pending ?? Promise.resolve();
    this.#macs.set(address, mac);
    if (before) this.#commands.push(`delete element netdev fleet macs { ${address} : ${before} }`);
    this.#commands.push(`add element netdev fleet macs { ${address} : ${mac} }`);
    this.#pending = (this.#pending ?? Promise.resolve()).then(() => this.#flush());
    return this.#pending;
  }

  async #flush(): Promise<void> {
    const commands = this.#commands;
    this.#commands = [];
    if (commands.length > 0) await run('nft', [commands.join('; ')]);
  }
}
