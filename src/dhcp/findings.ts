import type { ForeignServer } from '../journal/foreign-events.ts';
import { MESSAGE, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf, byteOf, longOf, textOf } from '../protocol/dhcp/options.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';

type Found = Pick<ForeignServer, 'offered'> & { readonly boots: ReadonlySet<string> };

/** An attacker may call itself by any number of names. */
const MOST_SERVERS = 16;

/** What other servers answered to a probe, joined per server. */
export class Findings {
  readonly #servers = new Map<Ipv4, Found>();

  /** True as soon as one of them has offered an address. */
  get givesAddresses(): boolean {
    return [...this.#servers.values()].some(({ offered }) => offered !== undefined);
  }

  /**
   * Takes an answer in.
   * @param from the sender's address; some servers leave out option 54.
   * @returns the server's address where it was not known before.
   */
  add(packet: Packet, from: Ipv4): Ipv4 | undefined {
    const type = byteOf(packet.options, OPTION.messageType);
    const offers = packet.op === OP.reply && (type === MESSAGE.offer || type === undefined);
    const server = addressOf(packet.options, OPTION.serverIdentifier) || from;
    if (!offers || !server) return undefined;
    const known = this.#servers.get(server);
    if (!known && this.#servers.size >= MOST_SERVERS) return undefined;
    const seconds = longOf(packet.options, OPTION.leaseTime) ?? 0;
    const offered = packet.yiaddr === 0 ? undefined : { address: packet.yiaddr, seconds };
    this.#servers.set(server, {
      offered: known?.offered ?? offered,
      boots: new Set([...(known?.boots ?? []), ...bootOf(packet)]),
    });
    return known ? undefined : server;
  }

  /** @param macOf the hardware address of a neighbour, dotted. */
  servers(macOf: (address: string) => string | undefined): ForeignServer[] {
    return [...this.#servers].map(([server, { offered, boots }]) => ({
      server,
      mac: macOf(formatIpv4(server)),
      offered,
      boots: [...boots],
    }));
  }
}

/** siaddr alone is no sign of anything: many servers fill in their own address. */
function bootOf({ file, siaddr, options }: Packet): string[] {
  const name = file || textOf(options, OPTION.bootFileName);
  if (name) return [siaddr === 0 || name.includes('://') ? name : `${name} from ${formatIpv4(siaddr)}`];
  return /^(PXE|HTTP)Client/.test(textOf(options, OPTION.vendorClass) ?? '')
    ? ['what a boot server tells on port 4011']
    : [];
}
