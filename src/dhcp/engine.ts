import { type Client, classify } from '../boot/client.ts';
import { type Plan, type PlanSettings, planFor } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import type { LeaseBook } from '../leases/book.ts';
import { QUARANTINE_TIME } from '../leases/book.ts';
import type { LeaseChange } from '../leases/lease.ts';
import { MESSAGE, messageName, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf, byteOf } from '../protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { DecodeError } from '../protocol/error.ts';
import { contains, formatIpv4, formatSubnet, type Ipv4 } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';
import { type Destination, destinationOf } from './destination.ts';
import { dissect, optionName } from './dissection.ts';
import { informReply, leaseReply, nakReply, type Reply, type ReplySettings } from './reply.ts';
import { requestState } from './request-state.ts';

/** What the engine answers from; nothing in it changes while the service runs. */
export interface EngineSettings extends ReplySettings {
  readonly plan: PlanSettings;
  /** No other server on this network can be right: strangers' addresses are NAKed, not left alone. */
  readonly authoritative: boolean;
}

/** What one packet leads to. The answer may leave once `changes` are stored; without changes, at once. */
export interface Outcome {
  readonly events: readonly DhcpEvent[];
  readonly changes: readonly LeaseChange[];
  readonly answer?: {
    readonly packet: Packet;
    readonly bytes: Uint8Array;
    readonly destination: Destination;
    readonly mac: string;
  };
}

interface Question {
  readonly request: Packet;
  readonly client: Client;
  readonly settings: EngineSettings;
  readonly book: LeaseBook;
  readonly now: number;
}

/** decode → classify → decide → reply, for one packet. Never throws for what a packet holds. `now` in seconds. */
export function handle(
  bytes: Uint8Array,
  peer: string,
  settings: EngineSettings,
  book: LeaseBook,
  now: number,
): Outcome {
  let request: Packet;
  try {
    request = decodePacket(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return told({ kind: 'dhcp.malformed', address: peer, reason: error.message });
  }
  const client = classify(request);
  const type = byteOf(request.options, OPTION.messageType);
  const message = type === undefined ? 'BOOTP request' : messageName(type);
  const ignore = (reason: string) => told({ kind: 'dhcp.ignored', mac: client.mac, message, reason });
  if (request.op !== OP.request) return ignore('it is a reply');
  if (!client.key) return ignore('it names neither a hardware address nor a client identifier');
  if (request.giaddr !== 0 && !contains(settings.subnet, request.giaddr)) {
    return told({
      kind: 'dhcp.unknown-relay',
      mac: client.mac,
      giaddr: request.giaddr,
      subnet: formatSubnet(settings.subnet),
    });
  }
  const decide = type === undefined ? undefined : decisions[type];
  if (!decide) return ignore('no server answers that');
  const outcome = decide({ request, client, settings, book, now });
  const sent = outcome.answer ? [seen('sent', client, outcome.answer.packet)] : [];
  return { ...outcome, events: [seen('received', client, request), ...outcome.events, ...sent] };
}

function seen(direction: 'received' | 'sent', client: Client, packet: Packet): DhcpEvent {
  return { kind: 'dhcp.packet', mac: client.mac, direction, words: () => dissect(packet) };
}

const decisions: Record<number, ((question: Question) => Outcome) | undefined> = {
  [MESSAGE.discover]: discover,
  [MESSAGE.request]: requested,
  [MESSAGE.decline]: decline,
  [MESSAGE.release]: release,
  [MESSAGE.inform]: inform,
};

function discover(question: Question): Outcome {
  const { client, settings, book, now } = question;
  // RFC 2131 §4.3.1: a DISCOVER has no address of its own; one that claims to must not steer the reply.
  const request = { ...question.request, ciaddr: 0 };
  const discovered: DhcpEvent = {
    kind: 'dhcp.discover',
    mac: client.mac,
    firmware: describe(client),
    hostName: client.hostName ?? '',
  };
  const address = book.offer(client.key, now, addressOf(request.options, OPTION.requestedAddress));
  if (address === undefined) {
    return told(discovered, {
      kind: 'dhcp.pool-used-up',
      mac: client.mac,
      size: book.size,
      declined: book.count(now).declined,
      leaseTime: settings.leaseTime,
      example: `LEASE_COUNT=${2 * book.size}`,
    });
  }
  const plan = planFor(client, settings.plan);
  const reply = leaseReply(MESSAGE.offer, request, client, address, plan, settings);
  const events: DhcpEvent[] = [
    discovered,
    { kind: 'dhcp.offer', mac: client.mac, address, plan, firmware: describe(client) },
    ...remarks(client, plan, reply),
  ];
  return { events, changes: [], answer: answer(request, client, reply.packet, address) };
}

function requested(question: Question): Outcome {
  const { request, client, settings, book } = question;
  const asked = requestState(request);
  switch (asked.state) {
    case 'malformed':
      return told({
        kind: 'dhcp.ignored',
        mac: client.mac,
        message: 'REQUEST',
        reason: 'it names no address',
      });
    case 'selecting':
      if (asked.server !== settings.server) {
        book.forgetOffer(client.key);
        return told({ kind: 'dhcp.other-server', mac: client.mac, server: asked.server });
      }
      return book.mayHave(client.key, asked.address)
        ? acknowledge(question, asked.address)
        : nak(question, asked.address, 'it was not offered to you, or the offer has lapsed');
    case 'init-reboot':
    case 'extending':
      return remembered(question, asked.address, asked.state);
  }
}

/** INIT-REBOOT, RENEWING and REBINDING: the client tells which address it believes it has. */
function remembered(question: Question, address: Ipv4, state: 'init-reboot' | 'extending'): Outcome {
  const { client, settings, book } = question;
  if (!contains(settings.subnet, address))
    return nak(question, address, `it is not on this network, ${formatSubnet(settings.subnet)}`);
  const lease = book.leaseOf(client.key);
  if (lease) {
    return lease.address === address
      ? acknowledge(question, address)
      : nak(question, address, `${formatIpv4(lease.address)} is yours here`);
  }
  if (book.isOthers(client.key, address)) return nak(question, address, 'another machine has it');
  // A client that renews was promised its address by this server, even where the record of it was lost.
  if (state === 'extending' && book.mayHave(client.key, address)) return acknowledge(question, address);
  if (settings.authoritative) return nak(question, address, 'this server knows nothing of it');
  // RFC 2131 §4.3.2: without a record the server stays silent, since another server may have one.
  return told({
    kind: 'dhcp.ignored',
    mac: client.mac,
    message: 'REQUEST',
    reason: `${formatIpv4(address)} may be another server's lease`,
  });
}

function acknowledge(question: Question, address: Ipv4): Outcome {
  const { request, client, settings, book, now } = question;
  const plan = planFor(client, settings.plan);
  const changes = book.lease(tenantOf(client), address, now + settings.leaseTime);
  const reply = leaseReply(MESSAGE.ack, request, client, address, plan, settings);
  const events: DhcpEvent[] = [
    {
      kind: 'dhcp.ack',
      mac: client.mac,
      address,
      plan,
      firmware: describe(client),
      seconds: settings.leaseTime,
    },
    ...remarks(client, { kind: 'none' }, reply),
  ];
  return { events, changes, answer: answer(request, client, reply.packet, address) };
}

function nak({ request, client, settings }: Question, address: Ipv4, reason: string): Outcome {
  const packet = nakReply(request, reason, settings);
  return {
    events: [{ kind: 'dhcp.nak', mac: client.mac, address, reason }],
    changes: [],
    answer: {
      packet,
      bytes: encodePacket(packet),
      destination: destinationOf(request, 0, true),
      mac: client.mac,
    },
  };
}

function decline(question: Question): Outcome {
  const { request, client, settings, book, now } = question;
  const address = addressOf(request.options, OPTION.requestedAddress) ?? 0;
  const server = addressOf(request.options, OPTION.serverIdentifier);
  const changes =
    server === settings.server || server === undefined ? book.decline(tenantOf(client), address, now) : [];
  const event: DhcpEvent =
    changes.length > 0
      ? { kind: 'dhcp.decline', mac: client.mac, address, seconds: QUARANTINE_TIME }
      : {
          kind: 'dhcp.ignored',
          mac: client.mac,
          message: 'DECLINE',
          reason: `${formatIpv4(address)} is not its lease here`,
        };
  return { events: [event], changes };
}

function release(question: Question): Outcome {
  const { request, client, settings, book, now } = question;
  const server = addressOf(request.options, OPTION.serverIdentifier);
  const changes =
    server === settings.server || server === undefined ? book.release(client.key, request.ciaddr, now) : [];
  const event: DhcpEvent =
    changes.length > 0
      ? { kind: 'dhcp.release', mac: client.mac, address: request.ciaddr }
      : {
          kind: 'dhcp.ignored',
          mac: client.mac,
          message: 'RELEASE',
          reason: `${formatIpv4(request.ciaddr)} is not its lease here`,
        };
  return { events: [event], changes };
}

function inform({ request, client, settings }: Question): Outcome {
  if (!contains(settings.subnet, request.ciaddr)) {
    return told({
      kind: 'dhcp.ignored',
      mac: client.mac,
      message: 'INFORM',
      reason: `its address ${formatIpv4(request.ciaddr)} is not on this network`,
    });
  }
  const plan = planFor(client, settings.plan);
  const reply = informReply(request, client, plan, settings);
  return {
    events: [
      { kind: 'dhcp.inform', mac: client.mac, address: request.ciaddr },
      ...remarks(client, plan, reply),
    ],
    changes: [],
    answer: answer(request, client, reply.packet, 0),
  };
}

function answer(
  request: Packet,
  client: Client,
  packet: Packet,
  address: Ipv4,
): NonNullable<Outcome['answer']> {
  return {
    packet,
    bytes: encodePacket(packet),
    destination: destinationOf(request, address),
    mac: client.mac,
  };
}

function tenantOf(client: Client) {
  return { key: client.key, mac: client.mac, hostName: client.hostName ?? '' };
}

function remarks(client: Client, plan: Plan, reply: Reply): DhcpEvent[] {
  const events: DhcpEvent[] = [];
  if (plan.kind === 'no-loader')
    events.push({ kind: 'dhcp.no-loader', mac: client.mac, architecture: plan.architecture });
  if (reply.left.length > 0)
    events.push({ kind: 'dhcp.options-left-out', mac: client.mac, names: reply.left.map(optionName) });
  return events;
}

/** "PXE, BIOS x86", "iPXE", "DHCP client". */
function describe(client: Client): string {
  const names = { pxe: 'PXE', http: 'HTTP Boot', ipxe: 'iPXE', other: 'DHCP client' } as const;
  const arch =
    client.architecture === undefined || client.firmware === 'ipxe'
      ? ''
      : `, ${architecture(client.architecture).name}`;
  return `${names[client.firmware]}${arch}`;
}

function told(...events: DhcpEvent[]): Outcome {
  return { events, changes: [] };
}
