import type { Asker } from '../boot/client.ts';
import { describe } from '../boot/describe.ts';
import type { Plan } from '../boot/plan.ts';
import { decodePacket } from '../protocol/dhcp/packet.ts';
import { formatIpv4, formatSubnet, type Ipv4, subnetOf } from '../protocol/ipv4.ts';
import { dissect } from './dissection.ts';
import { debug, info, type Texts, warn } from './line.ts';

/** What the dhcp service saw and did. `mac` is the machine's hardware address. */
export type DhcpEvent =
  | { kind: 'dhcp.malformed'; address: string; reason: string }
  /** `port`: the server's, where that is not 67. */
  | { kind: 'dhcp.packet'; mac: string; direction: 'received' | 'sent'; bytes: Uint8Array; port?: 4011 }
  | { kind: 'dhcp.ignored'; mac: string; message: string; reason: string }
  | { kind: 'dhcp.no-route'; subnet: string; adapter: string }
  | {
      kind: 'dhcp.unknown-relay';
      mac: string;
      client: Asker;
      giaddr: Ipv4;
      link: Ipv4;
      subnets: readonly string[];
      /** The subnet of `link`, where that is served and the relay's own address is not. */
      speaksFor?: string;
    }
  | { kind: 'dhcp.discover'; mac: string; client: Asker; relay?: Ipv4 }
  | { kind: 'dhcp.offer'; mac: string; address: Ipv4; plan: Plan; client: Asker }
  /** For this server; `state` is the client's, by RFC 2131 table 4. */
  | {
      kind: 'dhcp.request';
      mac: string;
      address: Ipv4;
      state: 'selecting' | 'init-reboot' | 'extending';
      client: Asker;
      relay?: Ipv4;
    }
  | {
      kind: 'dhcp.ack';
      mac: string;
      address: Ipv4;
      plan: Plan;
      client: Asker;
      seconds: number;
      /** It is a stranger, and addresses are short: it gets LEASE_TIME when it comes back. */
      probation?: true;
    }
  | {
      /** From port 67 as ProxyDHCP, from 4011 as boot server: no address in it. */
      kind: 'dhcp.boot-answer';
      mac: string;
      message: 'OFFER' | 'ACK';
      port: 67 | 4011;
      plan: Plan;
      client: Asker;
    }
  /** Whoever boots asks a server that gives no addresses. */
  | { kind: 'dhcp.proxy-request'; mac: string; message: string; port: 67 | 4011; client: Asker }
  /** As ProxyDHCP: the machine takes this address, from the server where it names one. */
  | { kind: 'dhcp.address-elsewhere'; mac: string; address: Ipv4; server?: Ipv4; client: Asker }
  | { kind: 'dhcp.inform'; mac: string; address: Ipv4 }
  | { kind: 'dhcp.nak'; mac: string; address: Ipv4; reason: string }
  | { kind: 'dhcp.other-server'; mac: string; server: Ipv4 }
  | { kind: 'dhcp.release'; mac: string; address: Ipv4 }
  /** By the operator, who called from the address `by`. `was`: what stood on the address. */
  | {
      kind: 'dhcp.freed';
      mac: string;
      address: Ipv4;
      was: 'bound' | 'expired' | 'released' | 'declined';
      by: string;
    }
  /** A stranger's first try, where too many of them ask; see starvation.ts. */
  | { kind: 'dhcp.turned-away'; source: string }
  | { kind: 'dhcp.decline'; mac: string; address: Ipv4; seconds: number }
  | { kind: 'dhcp.no-loader'; mac: string; machines: string; file: string | undefined }
  | {
      kind: 'dhcp.pool-used-up';
      mac: string;
      size: number;
      declined: number;
      leaseTime: number;
      example: string;
    }
  | { kind: 'dhcp.options-left-out'; mac: string; names: readonly string[] }
  | { kind: 'dhcp.no-unicast'; mac: string; address: Ipv4 }
  /** What this host itself asks on that port cannot be heard. */
  | { kind: 'dhcp.no-loopback'; port: number; reason: string }
  | { kind: 'dhcp.no-advertisements'; adapter: string; reason: string }
  | { kind: 'dhcp.send-failed'; address: string; reason: string }
  | {
      /** More happened in that time than is told one by one: how much of it is not, and which packets are not kept. */
      kind: 'dhcp.crowd';
      milliseconds: number;
      events: Readonly<Partial<Record<RoutineKind, number>>>;
      packets: readonly LeftOutPackets[];
    };

/** What every machine's boot is made of; the rest is worth telling whatever happens besides. */
export type RoutineKind = 'dhcp.packet' | 'dhcp.discover' | 'dhcp.offer' | 'dhcp.request' | 'dhcp.ack';

/** `type`: option 53; 0 where it was not looked for. */
export interface LeftOutPackets {
  readonly direction: 'received' | 'sent';
  readonly type: number;
  readonly packets: number;
}

export const dhcpTexts: Texts<DhcpEvent> = {
  'dhcp.malformed': ({ address, reason }) =>
    debug(`dropped a packet from ${address} that is no DHCP message: ${reason}`),
  'dhcp.packet': ({ direction, bytes }) => ({
    ...debug(`${direction}:`),
    more: () => dissect(decodePacket(bytes)),
  }),
  'dhcp.ignored': ({ message, reason }) => debug(`${message} not answered: ${reason}`),
  'dhcp.unknown-relay': ({ giaddr, link, subnets, speaksFor }) =>
    warn(
      speaksFor
        ? `not answered: it came through a relay at ${formatIpv4(giaddr)}, which is on no subnet that is served (${subnets.join(', ')}), though it speaks for ${speaksFor}. ` +
            relayRemedy(giaddr, speaksFor, subnets)
        : `not answered: it came through a relay at ${formatIpv4(giaddr)}${link === giaddr ? '' : `, for a machine on the link of ${formatIpv4(link)}`}, ` +
            `whose subnet is not served (served: ${subnets.join(', ')}). Add it to SUBNETS; with a mask of 24 bits, in .env: ` +
            `SUBNETS='${subnets.length > 1 ? '…; ' : ''}${formatSubnet(subnetOf(link, 24))}'`,
    ),
  'dhcp.no-route': ({ subnet, adapter }) =>
    warn(
      `no route to ${subnet} (SUBNETS) over ${adapter}: answers to its relay and its machines do not arrive. Add one: ip route add ${subnet} via ROUTER dev ${adapter}`,
    ),
  'dhcp.discover': ({ client, relay }) =>
    debug(
      `DISCOVER from ${describe(client)}${client.hostName ? ` "${client.hostName}"` : ''}${relayText(relay)}`,
    ),
  'dhcp.offer': ({ address, plan, client }) =>
    info(`OFFER ${formatIpv4(address)} to ${describe(client)}${planText(plan)}`),
  'dhcp.request': ({ address, state, client, relay }) =>
    debug(`REQUEST of ${formatIpv4(address)} from ${describe(client)}, ${state}${relayText(relay)}`),
  'dhcp.ack': ({ address, plan, client, seconds, probation }) =>
    info(
      `ACK ${formatIpv4(address)} to ${describe(client)} for ${seconds} s${probation ? ', being new where addresses are short' : ''}${planText(plan)}`,
    ),
  'dhcp.boot-answer': ({ message, port, plan, client }) =>
    info(
      `${message} without an address${port === 67 ? '' : ` on port ${port}`} to ${describe(client)}${planText(plan)}`,
    ),
  'dhcp.proxy-request': ({ message, port, client }) =>
    debug(`${message} on port ${port} from ${describe(client)}`),
  'dhcp.address-elsewhere': ({ address, server }) =>
    debug(
      `takes ${formatIpv4(address)} from ${server === undefined ? 'the server that gives the addresses' : formatIpv4(server)}`,
    ),
  'dhcp.inform': ({ address }) => info(`ACK of an INFORM from ${formatIpv4(address)}`),
  'dhcp.nak': ({ address, reason }) => warn(`NAK of ${formatIpv4(address)}: ${reason}`),
  'dhcp.other-server': ({ server }) =>
    info(
      `chose another DHCP server, ${formatIpv4(server)}; ours stays silent. Two servers on one network: see docs/troubleshooting.md`,
    ),
  'dhcp.release': ({ address }) => info(`RELEASE of ${formatIpv4(address)}`),
  'dhcp.freed': ({ address, was, by }) =>
    info(
      was === 'declined'
        ? `${formatIpv4(address)}, which it had found in use, was freed by the operator at ${by}`
        : `its lease of ${formatIpv4(address)} was ended by the operator at ${by}`,
    ),
  'dhcp.turned-away': ({ source }) =>
    debug(
      `not answered at its first try: ${source ? `through the relay ${source}` : 'on the adapter itself'} more machines that are not known ask than can be served. Its next try within a minute is answered`,
    ),
  'dhcp.decline': ({ address, seconds }) =>
    warn(
      `DECLINE of ${formatIpv4(address)}: something else on the network already uses it. ${
        seconds === 0
          ? 'A quarter of the pool is left alone for that already, so this one is not: is the pool really for machines of this server alone'
          : `It is left alone for ${seconds / 60} minutes; find it with: arping ${formatIpv4(address)}`
      }`,
    ),
  'dhcp.no-loader': ({ machines, file }) =>
    warn(
      file
        ? `wants to boot (${machines}), but images/ has no ${file}, nor could it be fetched: it gets an address and nothing to boot. Put that loader into images/`
        : `wants to boot ${machines}, which no loader is known for: it gets an address and nothing to boot`,
    ),
  'dhcp.pool-used-up': ({ size, declined, leaseTime, example }) =>
    warn(
      `no address left for it: all ${size} of the pool are in use${declined ? ` (${declined} of them declined)` : ''}. ` +
        `Make the pool larger (in .env: ${example}) or lower LEASE_TIME (now ${leaseTime} s)`,
    ),
  'dhcp.options-left-out': ({ names }) =>
    warn(`${names.join(', ')} left out: the reply would be larger than the client can take (option 57)`),
  'dhcp.no-unicast': ({ address }) =>
    debug(
      `reply to ${formatIpv4(address)} broadcast: its hardware address could not be told to the kernel (NET_ADMIN missing?)`,
    ),
  'dhcp.no-loopback': ({ port, reason }) =>
    info(
      `what this host itself asks on UDP ${port} is not answered, so \`rehearse\` cannot be; machines are: ${reason}`,
    ),
  'dhcp.no-advertisements': ({ adapter, reason }) =>
    info(
      `IPv6 router solicitations on ${adapter} are not answered (${reason}): iPXE before 2.0 then waits some 13 s in every stage. ` +
        'It takes the capability NET_RAW, and IPv6 on the adapter',
    ),
  'dhcp.crowd': ({ milliseconds, events, packets }) => {
    const [offers = 0, acks = 0] = [events['dhcp.offer'], events['dhcp.ack']];
    const kept = packets.reduce((sum, one) => sum + one.packets, 0);
    const said = `${kept} packets are not kept, which came faster than a thousand machines' in a second`;
    return offers + acks === 0
      ? debug(said)
      : info(
          `${offers} more OFFERs and ${acks} more ACKs within ${milliseconds} ms are not listed one by one; ${said}`,
        );
  },
  'dhcp.send-failed': ({ address, reason }) => warn(`a reply to ${address} could not be sent: ${reason}`),
};

/** What to do about a relay that speaks for a served subnet from elsewhere. @param subnets that are served, the adapter's own first. */
export function relayRemedy(giaddr: Ipv4, speaksFor: string, subnets: readonly string[]): string {
  return speaksFor === subnets[0]
    ? `If the relay is yours, let it ask from its address in ${speaksFor}`
    : `If the relay is yours, name its address, in .env: SUBNETS='… ${speaksFor} relay=${formatIpv4(giaddr)} …'`;
}

function relayText(relay: Ipv4 | undefined): string {
  return relay === undefined ? '' : `, through the relay ${formatIpv4(relay)}`;
}

function planText(plan: Plan): string {
  switch (plan.kind) {
    case 'loader':
      return ` → ${plan.file}`;
    case 'script':
    case 'http-loader':
      return ` → ${plan.url}`;
    case 'raspberry-pi':
      return ' → its files by TFTP';
    case 'none':
    case 'no-loader':
      return '';
  }
}
