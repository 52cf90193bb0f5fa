import { type Client, classify } from '../boot/client.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { MESSAGE, messageName, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { byteOf } from '../protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import { formatSubnet } from '../protocol/ipv4.ts';
import { discover } from './discover.ts';
import { dissect } from './dissection.ts';
import { decline, inform, release } from './other-messages.ts';
import { ignored, type Outcome, type Question, silence } from './question.ts';
import { requested } from './request.ts';
import { linkOf, type Scopes, selectScope } from './scope.ts';

/**
 * decode → classify → choose the subnet → decide → reply, for one packet. Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param now seconds since 1970.
 */
export function handle(bytes: Uint8Array, peer: string, scopes: Scopes, now: number): Outcome {
  const request = decoded(bytes);
  if (request instanceof DecodeError)
    return silence({ kind: 'dhcp.malformed', address: peer, reason: request.message });
  const client = classify(request);
  const type = byteOf(request.options, OPTION.messageType);
  const message = type === undefined ? 'BOOTP request' : messageName(type);
  if (request.op !== OP.request) return ignored({ client }, message, 'it is a reply');
  if (!client.key)
    return ignored({ client }, message, 'it names neither a hardware address nor a client identifier');
  const decide = type === undefined ? undefined : DECISIONS[type];
  if (!decide) return ignored({ client }, message, 'no server answers that');
  const scope = selectScope(request, scopes);
  if (!scope) return silence(unknownRelay(client, request, scopes));
  scope.meet(request);
  if (scope.awaitsRelay && decide !== release)
    return ignored({ client }, message, 'its gateway is not known until its relay asks for somebody');
  const settings = scope.settingsFor(request);
  const outcome = decide({ request, client, settings, book: scope.book, now });
  const sent = outcome.answer ? [shown('sent', client, outcome.answer.packet)] : [];
  return { ...outcome, events: [shown('received', client, request), ...outcome.events, ...sent] };
}

const DECISIONS: Record<number, ((question: Question) => Outcome) | undefined> = {
  [MESSAGE.discover]: discover,
  [MESSAGE.request]: requested,
  [MESSAGE.decline]: decline,
  [MESSAGE.release]: release,
  [MESSAGE.inform]: inform,
};

function decoded(bytes: Uint8Array): Packet | DecodeError {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

function unknownRelay({ mac }: Client, request: Packet, { local, relayed }: Scopes): DhcpEvent {
  const subnets = [local, ...relayed].map(({ subnet }) => formatSubnet(subnet));
  return { kind: 'dhcp.unknown-relay', mac, giaddr: request.giaddr, link: linkOf(request), subnets };
}

function shown(direction: 'received' | 'sent', { mac }: Client, packet: Packet): DhcpEvent {
  return { kind: 'dhcp.packet', mac, direction, words: () => dissect(packet) };
}
