import { type Client, classify } from '../boot/client.ts';
import type { Identity } from '../boot/rehearsal.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { type BOOT_SERVER_PORT, messageName, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { byteOf } from '../protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import { formatIpv4, type Ipv4, isHost } from '../protocol/ipv4.ts';
import type { Kind, Kinds } from './kinds.ts';
import { ignored, type Outcome, silence } from './question.ts';

/** A client's message that could be read, before anything is decided. */
export interface Message {
  /** As it came; the socket's again when it has been dealt with. */
  readonly bytes: Uint8Array;
  readonly kind: Kind | undefined;
  readonly request: Packet;
  readonly client: Client;
  /** Option 53; undefined for BOOTP. */
  readonly type: number | undefined;
  /** The type, for people. */
  readonly name: string;
}

/**
 * decode → classify. What no server can answer comes back as silence for a reason. Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param who whoever asks, where that is known better than by what the packet says.
 * @param kinds of messages that were heard before, which are read the faster.
 */
export function understand(bytes: Uint8Array, peer: Ipv4, who?: Identity, kinds?: Kinds): Message | Outcome {
  const kind = kinds?.of(bytes);
  const request = kind ? kind.read(bytes) : decoded(bytes);
  if (request instanceof DecodeError)
    return silence({ kind: 'dhcp.malformed', address: formatIpv4(peer), reason: request.message });
  const told = classify(request, kind?.traits);
  const client = who ? { ...told, ...who } : told;
  const type = byteOf(request.options, OPTION.messageType);
  const name = type === undefined ? 'BOOTP request' : messageName(type);
  if (request.op !== OP.request) return ignored({ client }, name, 'it is a reply');
  if (!client.key)
    return ignored({ client }, name, 'it names neither a hardware address nor a client identifier');
  if (request.giaddr !== 0 && !isHost(request.giaddr))
    return ignored(
      { client },
      name,
      `its relay calls itself ${formatIpv4(request.giaddr)}, which no host can be`,
    );
  return { bytes, kind, request, client, type, name };
}

/** Adds both packets: for the journal, and for the log at its most talkative. `port`: the server's, where that is not 67. */
export function traced(
  { client, bytes }: Message,
  outcome: Outcome,
  port?: typeof BOOT_SERVER_PORT,
): Outcome {
  const events = [shown('received', client, bytes, port)];
  for (const event of outcome.events) events.push(event);
  const { changes, answer } = outcome;
  if (!answer) return { events, changes };
  events.push(shown('sent', client, answer.bytes, port));
  return { events, changes, answer };
}

function decoded(bytes: Uint8Array): Packet | DecodeError {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

function shown(
  direction: 'received' | 'sent',
  { mac }: Client,
  bytes: Uint8Array,
  port?: typeof BOOT_SERVER_PORT,
): DhcpEvent {
  return port
    ? { kind: 'dhcp.packet', mac, direction, bytes, port }
    : { kind: 'dhcp.packet', mac, direction, bytes };
}
