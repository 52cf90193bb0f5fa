import { type Client, classify } from '../boot/client.ts';
import { describe } from '../boot/describe.ts';
import type { ExactPacket, Exchange } from '../boot/explanation.ts';
import { type Plan, planFor } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { dissect } from '../journal/dissection.ts';
import { render } from '../journal/render.ts';
import { BOOT_SERVER_PORT, CLIENT_PORT, MESSAGE, messageName, OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf, byteOf } from '../protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { sourceOf } from '../protocol/dhcp/relay.ts';
import { formatIpv4, type Ipv4, parseIpv4, UNSPECIFIED } from '../protocol/ipv4.ts';
import { architecture } from '../protocol/pxe/architecture.ts';
import { handle } from './engine.ts';
import {
  acknowledged,
  addressed,
  classified,
  destinationText,
  located,
  placed,
  planned,
  restrained,
  sent,
} from './explain-reasons.ts';
import { handleAsBootServer, handleAsProxy, type ProxySettings } from './proxy.ts';
import type { Outcome } from './question.ts';
import { type Scopes, selectScope } from './scope.ts';

/** How a server answers: with addresses, or beside another server that gives them. */
export type Answering =
  | { readonly mode: 'server'; readonly scopes: Scopes }
  | { readonly mode: 'proxy'; readonly settings: ProxySettings };

interface Explained {
  readonly outcome: Outcome;
  readonly because: readonly string[];
  readonly plan?: Plan;
}

/**
 * What one packet would be answered with, and why: by the engine that answers machines.
 *
 * @param answering scopes that may be changed: rehearsals of those that are served.
 * @throws DecodeError for bytes that are no DHCP packet.
 */
export function exchange(
  packet: ExactPacket,
  stage: Exchange['stage'],
  answering: Answering,
  now: number,
): Exchange & { readonly packet?: Packet } {
  const bytes = Buffer.from(packet.bytes, 'hex');
  const request = decodePacket(bytes);
  const client = classify(request);
  const { outcome, because, plan } = explained(packet, bytes, request, client, answering, now);
  const { answer, events } = outcome;
  const reply = answer && decodePacket(answer.bytes);
  const trouble = events.filter(({ kind }) => TROUBLE.has(kind)).map(inWords);
  const type = byteOf(request.options, OPTION.messageType);
  return {
    stage,
    who: describe(client),
    firmware: client.firmware,
    ...(client.architecture === undefined ? {} : { architecture: client.architecture }),
    message: type === undefined ? 'BOOTP' : messageName(type),
    port: packet.port,
    request: dissect(request),
    requestBytes: packet.bytes,
    ...(answer &&
      reply && {
        answer: messageName(byteOf(reply.options, OPTION.messageType) ?? 0),
        reply: dissect(reply),
        bytes: Buffer.from(answer.bytes).toString('hex'),
        destination: destinationText(answer.destination),
        packet: reply,
      }),
    because: [
      classified(client, request),
      ...because,
      ...events.filter(({ kind }) => TROUBLE.has(kind) || REMARKABLE.has(kind)).map(inWords),
      ...(answer && reply ? [...optional(placed(reply)), sent(answer.destination, request)] : []),
    ],
    ...(plan && { plan }),
    ...(trouble.length > 0 ? { trouble: trouble.join(' ') } : {}),
  };
}

function explained(
  packet: ExactPacket,
  bytes: Uint8Array,
  request: Packet,
  client: Client,
  answering: Answering,
  now: number,
): Explained {
  if (packet.port === BOOT_SERVER_PORT) {
    const settings = bootServer(answering, request);
    const from = packet.from ?? askedFrom(request, client);
    return {
      outcome: handleAsBootServer(
        bytes,
        { address: parseIpv4(from.address) ?? UNSPECIFIED, port: from.port },
        settings,
      ),
      ...booted('It asks on port 4011, as a boot server is asked, so it is told what to boot alone.', {
        client,
        settings,
      }),
    };
  }
  if (answering.mode === 'proxy') {
    const { settings } = answering;
    const told = booted(
      'It gets its address from another server: this one is a proxy (MODE), which tells only what to boot.',
      { client, settings },
    );
    return { outcome: handleAsProxy(bytes, senderOf(packet, request), settings), ...told };
  }
  return ofServer(packet, bytes, request, client, answering.scopes, now);
}

/** What is answered from on port 4011. */
export function bootServer(answering: Answering, request: Packet): ProxySettings {
  // No relay passes on what is sent there.
  return answering.mode === 'proxy'
    ? answering.settings
    : answering.scopes.local.settingsFor({ ...request, giaddr: 0 });
}

/** A machine sends from the address that it says it has. */
function senderOf({ from }: ExactPacket, { ciaddr }: Packet): Ipv4 {
  return (from && parseIpv4(from.address)) ?? ciaddr;
}

/** EDK2 asks from the port that it asks on (UefiPxeBcDxe), ROMs from that of every DHCP client. */
function askedFrom({ ciaddr }: Packet, { firmware, architecture: code = 0 }: Client) {
  const uefi = firmware === 'pxe' && architecture(code).loader !== 'bios';
  return { address: formatIpv4(ciaddr), port: uefi ? BOOT_SERVER_PORT : CLIENT_PORT };
}

function booted(
  first: string,
  { client, settings }: { client: Client; settings: ProxySettings },
): Omit<Explained, 'outcome'> {
  const plan = planFor(client, settings.plan);
  return { plan, because: [first, ...optional(planned(plan, client))] };
}

function ofServer(
  packet: ExactPacket,
  bytes: Uint8Array,
  request: Packet,
  client: Client,
  scopes: Scopes,
  now: number,
): Explained {
  const scope = selectScope(request, scopes);
  // What it has now, before it is answered.
  const lease = scope?.book.leaseOf(client.key);
  const isDiscover = byteOf(request.options, OPTION.messageType) === MESSAGE.discover;
  const wish = addressOf(request.options, OPTION.requestedAddress);
  scope?.meet(request);
  const preview = isDiscover ? scope?.book.preview(client.key, now, wish, sourceOf(request)) : undefined;
  const outcome = handle(bytes, senderOf(packet, request), scopes, now);
  const was = (kind: DhcpEvent['kind']) => outcome.events.some((event) => event.kind === kind);
  if (!scope || was('dhcp.unknown-relay')) return { outcome, because: [] };
  const plan = planFor(client, scope.settingsFor(request).plan);
  return {
    outcome,
    plan,
    because: [
      located(request, scope),
      ...(preview && preview.why !== 'later' && was('dhcp.discover') ? [addressed(preview, lease, now)] : []),
      ...optional(acknowledged(outcome.events, lease, now)),
      ...(outcome.answer ? [...optional(planned(plan, client)), restrained(request)] : []),
    ],
  };
}

/** What the engine says where a boot goes no further. */
const TROUBLE: ReadonlySet<DhcpEvent['kind']> = new Set([
  'dhcp.ignored',
  'dhcp.unknown-relay',
  'dhcp.pool-used-up',
  'dhcp.turned-away',
  'dhcp.no-loader',
  'dhcp.nak',
  'dhcp.other-server',
] as const);
/** What else of what it says is out of the ordinary. */
const REMARKABLE: ReadonlySet<DhcpEvent['kind']> = new Set([
  'dhcp.options-left-out',
  'dhcp.address-elsewhere',
] as const);

/** In the words of the log, as a sentence. */
function inWords(event: DhcpEvent): string {
  // A line of the log begins with the machine.
  const { text } = event.kind === 'dhcp.no-loader' ? { text: `it ${render(event).text}` } : render(event);
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}

function optional(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
