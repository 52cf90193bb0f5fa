import { askerOf, type Client } from '../boot/client.ts';
import type { Identity } from '../boot/rehearsal.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { MESSAGE } from '../protocol/dhcp/codes.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { formatSubnet, type Ipv4 } from '../protocol/ipv4.ts';
import { discover } from './discover.ts';
import type { Kinds } from './kinds.ts';
import { decline, inform, release } from './other-messages.ts';
import { ignored, type Outcome, type Question, silence } from './question.ts';
import { requested } from './request.ts';
import { linkOf, type Scopes, selectScope } from './scope.ts';
import { traced, understand } from './understand.ts';

/**
 * decode → classify → choose the subnet → decide → reply, for one packet. Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param now seconds since 1970.
 * @param who whoever asks, where that is known better than by what the packet says.
 * @param kinds of messages that were heard before; the outcome is the same without.
 */
export function handle(
  bytes: Uint8Array,
  peer: Ipv4,
  scopes: Scopes,
  now: number,
  who?: Identity,
  kinds?: Kinds,
): Outcome {
  const message = understand(bytes, peer, who, kinds);
  if ('events' in message) return message;
  const { request, client, kind, type, name } = message;
  const decide = type === undefined ? undefined : DECISIONS[type];
  if (!decide) return ignored({ client }, name, 'no server answers that');
  const scope = selectScope(request, scopes);
  if (!scope) return silence(unknownRelay(client, request, scopes));
  scope.meet(request);
  if (scope.awaitsRelay && decide !== release)
    return ignored({ client }, name, 'its gateway is not known until its relay asks for somebody');
  const settings = scope.settingsFor(request);
  return traced(message, decide({ bytes, kind, request, client, settings, book: scope.book, now }));
}

const DECISIONS: Record<number, ((question: Question) => Outcome) | undefined> = {
  [MESSAGE.discover]: discover,
  [MESSAGE.request]: requested,
  [MESSAGE.decline]: decline,
  [MESSAGE.release]: release,
  [MESSAGE.inform]: inform,
};

function unknownRelay(client: Client, request: Packet, { local, relayed }: Scopes): DhcpEvent {
  const subnets = [local, ...relayed].map(({ subnet }) => formatSubnet(subnet));
  return {
    kind: 'dhcp.unknown-relay',
    mac: client.mac,
    client: askerOf(client),
    giaddr: request.giaddr,
    link: linkOf(request),
    subnets,
  };
}
