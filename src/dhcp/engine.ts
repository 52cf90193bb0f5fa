import { type Client, classify } from '../boot/client.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import type { LeaseBook } from '../leases/book.ts';
import { MESSAGE, messageName, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { byteOf } from '../protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import { contains, formatSubnet } from '../protocol/ipv4.ts';
import { discover } from './discover.ts';
import { dissect } from './dissection.ts';
import { decline, inform, release } from './other-messages.ts';
import { type EngineSettings, ignored, type Outcome, type Question, silence } from './question.ts';
import { requested } from './request.ts';

/**
 * decode → classify → decide → reply, for one packet. Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param now seconds since 1970.
 */
export function handle(
  bytes: Uint8Array,
  peer: string,
  settings: EngineSettings,
  book: LeaseBook,
  now: number,
): Outcome {
  const request = decoded(bytes);
  if (request instanceof DecodeError)
    return silence({ kind: 'dhcp.malformed', address: peer, reason: request.message });
  const client = classify(request);
  const question: Question = { request, client, settings, book, now };
  const type = byteOf(request.options, OPTION.messageType);
  const message = type === undefined ? 'BOOTP request' : messageName(type);
  if (request.op !== OP.request) return ignored(question, message, 'it is a reply');
  if (!client.key)
    return ignored(question, message, 'it names neither a hardware address nor a client identifier');
  if (request.giaddr !== 0 && !contains(settings.subnet, request.giaddr)) {
    const { giaddr } = request;
    return silence({
      kind: 'dhcp.unknown-relay',
      mac: client.mac,
      giaddr,
      subnet: formatSubnet(settings.subnet),
    });
  }
  const decide = type === undefined ? undefined : DECISIONS[type];
  if (!decide) return ignored(question, message, 'no server answers that');
  const outcome = decide(question);
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

function shown(direction: 'received' | 'sent', { mac }: Client, packet: Packet): DhcpEvent {
  return { kind: 'dhcp.packet', mac, direction, words: () => dissect(packet) };
}
