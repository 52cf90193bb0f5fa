import { formatIpv4, type Ipv4 } from '../protocol/ipv4.ts';
import { info, type Line, type Texts, warn } from './line.ts';

/** Another server on the served network, and what it gave to a machine that does not exist. */
export interface ForeignServer {
  readonly server: Ipv4;
  readonly mac: string | undefined;
  /** undefined: it gives no addresses, as a ProxyDHCP server. */
  readonly offered: { readonly address: Ipv4; readonly seconds: number } | undefined;
  /** What it tells machines to boot, in words. */
  readonly boots: readonly string[];
}

/** Other DHCP servers on the network, and what this one makes of them. */
export type ForeignEvent =
  | {
      kind: 'dhcp.mode-chosen';
      mode: 'server' | 'proxy';
      adapter: string;
      servers: readonly ForeignServer[];
    }
  /** Answered a probe, or was named by the REQUEST of a machine that has chosen it. */
  | { kind: 'dhcp.foreign-server'; servers: readonly ForeignServer[]; chosen: boolean }
  | { kind: 'dhcp.boot-rival'; found: ForeignServer }
  | { kind: 'dhcp.nobody-gives-addresses'; adapter: string }
  | { kind: 'dhcp.look-failed'; reason: string }
  | { kind: 'dhcp.asked-as-relay'; holder: string }
  | { kind: 'dhcp.no-boot-server-port'; holder: string };

export const foreignTexts: Texts<ForeignEvent> = {
  'dhcp.mode-chosen': ({ mode, adapter, servers }): Line =>
    info(
      mode === 'proxy'
        ? `MODE=auto: ${servers.map(inWords).join('; ')} on ${adapter}. It gives the addresses, this one tells machines what to boot (ProxyDHCP)`
        : `MODE=auto: no other server gives addresses on ${adapter}; this one does`,
    ),
  'dhcp.foreign-server': ({ servers, chosen }) => {
    const who = servers.map((one) =>
      chosen ? `${formatIpv4(one.server)}, which a machine has chosen` : inWords(one),
    );
    return warn(
      `another DHCP server answers on this network: ${who.join('; ')}. Machines take one or the other. Switch one of the two off there, or set MODE=proxy`,
    );
  },
  'dhcp.boot-rival': ({ found }) =>
    warn(
      `two boot servers compete: ${inWords(found)}. Take its boot options away (66 and 67, "next-server", "dhcp-boot", "pxe-service"), or stop this one`,
    ),
  'dhcp.nobody-gives-addresses': ({ adapter }) =>
    warn(
      `MODE=proxy, but no server that gives addresses has answered on ${adapter}: machines get none and do not boot. Start that server, or set MODE=server`,
    ),
  'dhcp.look-failed': ({ reason }) =>
    warn(`other DHCP servers could not be looked for: ${reason}. Does a firewall drop outgoing UDP 67?`),
  'dhcp.asked-as-relay': ({ holder }) =>
    info(
      `UDP port 68 is held by ${holder}, which is left alone: other DHCP servers are asked as a relay asks, from port 67`,
    ),
  'dhcp.no-boot-server-port': ({ holder }) =>
    warn(
      `UDP port 4011 is taken by ${holder}: the few boot ROMs that ask there as well get no answer; everything else is served`,
    ),
};

/** "10.0.0.3 (52:54:00:00:00:03) offers 10.0.0.200 for 600 s and tells machines to boot rogue.0 from 10.0.0.3". */
export function inWords({ server, mac, offered, boots }: ForeignServer): string {
  const says = [
    ...(offered ? [`offers ${formatIpv4(offered.address)} for ${offered.seconds} s`] : []),
    ...(boots.length > 0 ? [`tells machines to boot ${boots.join(', ')}`] : []),
  ];
  return `${formatIpv4(server)}${mac ? ` (${mac})` : ''} ${says.join(' and ') || 'answers'}`;
}
