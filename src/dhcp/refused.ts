import { askerOf, type Client } from '../boot/client.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { contains, formatIpv4, formatSubnet, type Ipv4, UNSPECIFIED } from '../protocol/ipv4.ts';
import { linkOf, type Scope } from './scope.ts';
import type { Served } from './served.ts';

/** Why it is no machine and no relay that has sent this; undefined where it may be one. */
export function impostor(peer: Ipv4, { giaddr }: Packet, { own, subnets }: Served): string | undefined {
  if (own.includes(peer)) return `it seems to come from ${formatIpv4(peer)}, which is this server`;
  if (own.includes(giaddr)) return `its relay calls itself ${formatIpv4(giaddr)}, which is this server`;
  const [local] = subnets;
  // A relay elsewhere asks from whichever of its addresses is on the way; on the server's own network that is the one it names.
  const isLocal = giaddr !== UNSPECIFIED && local !== undefined && contains(local, giaddr);
  return isLocal && peer !== giaddr
    ? `its relay calls itself ${formatIpv4(giaddr)}, but it comes from ${formatIpv4(peer)}`
    : undefined;
}

/**
 * A relay that is not answered.
 *
 * @param scope the subnet it speaks for, where that is served: then it is the relay's own address that is not.
 */
export function unknownRelay(
  client: Client,
  request: Packet,
  { subnets }: Served,
  scope?: Pick<Scope, 'subnet'>,
): DhcpEvent {
  return {
    kind: 'dhcp.unknown-relay',
    mac: client.mac,
    client: askerOf(client),
    giaddr: request.giaddr,
    link: linkOf(request),
    subnets: subnets.map(formatSubnet),
    ...(scope && { speaksFor: formatSubnet(scope.subnet) }),
  };
}
