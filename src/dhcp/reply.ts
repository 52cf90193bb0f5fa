import type { Client } from '../boot/client.ts';
import type { Plan } from '../boot/plan.ts';
import { FLAG_BROADCAST, MESSAGE, type MessageType, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { byte, long, optionSize, text, wordOf } from '../protocol/dhcp/options.ts';
import type { Packet } from '../protocol/dhcp/packet.ts';
import { broadcastOf, type Ipv4, maskOf, type Subnet } from '../protocol/ipv4.ts';
import { type BootOptions, bootOptions, type Field, proxyOptions } from './boot-options.ts';

/** What every reply on one network tells. Addresses are host-order numbers, times seconds. */
export interface ReplySettings {
  readonly server: Ipv4;
  readonly tftp: Ipv4;
  readonly subnet: Subnet;
  readonly leaseTime: number;
  readonly gateway: Ipv4 | undefined;
  readonly dns: readonly Ipv4[];
  readonly domain: string | undefined;
}

/** A reply, and the options that did not fit into what the client can take (option 57). */
export interface Reply {
  readonly packet: Packet;
  readonly left: readonly number[];
}

type Fields = Map<number, Uint8Array>;
/** What a reply says of the network, whatever is booted. */
type Network = Pick<BootOptions, 'always' | 'asked'>;
const NO_NETWORK: Network = { always: [], asked: [] };

/** RFC 2131 §2: without option 57 a client takes 576 bytes of IP, of which 28 are headers. */
const DEFAULT_MESSAGE_SIZE = 576;
const IP_UDP_HEADERS = 28;
const FIXED_PART = 240;

/** OFFER, or ACK of a REQUEST: an address with its lease, and what to boot. */
export function leaseReply(
  type: typeof MESSAGE.offer | typeof MESSAGE.ack,
  request: Packet,
  client: Client,
  address: Ipv4,
  plan: Plan,
  settings: ReplySettings,
): Reply {
  const fields: Fields = identity(type, settings);
  fields.set(OPTION.leaseTime, long(settings.leaseTime));
  // RFC 2131 §4.4.5: half and seven eighths.
  fields.set(OPTION.renewalTime, long(Math.floor(settings.leaseTime / 2)));
  fields.set(OPTION.rebindingTime, long(Math.floor((settings.leaseTime * 7) / 8)));
  return finish(request, client, address, fields, bootOptions(plan, settings.tftp), network(settings));
}

/** ACK of an INFORM: configuration without an address or a lease (RFC 2131 §4.3.5). */
export function informReply(request: Packet, client: Client, plan: Plan, settings: ReplySettings): Reply {
  const boot = bootOptions(plan, settings.tftp);
  return finish(request, client, 0, identity(MESSAGE.ack, settings), boot, network(settings));
}

/** What to boot and nothing else, from a server that gives no address (PXE 2.1 §2.2.3) or from port 4011. */
export function bootReply(
  type: typeof MESSAGE.offer | typeof MESSAGE.ack,
  request: Packet,
  client: Client,
  plan: Plan,
  settings: Pick<ReplySettings, 'server' | 'tftp'>,
): Reply {
  const boot = proxyOptions(plan, client, settings.tftp);
  return finish(request, client, 0, identity(type, settings), boot, NO_NETWORK);
}

/** NAK: the client has to start over. `reason` is for whoever reads the client's log (option 56). */
export function nakReply(request: Packet, reason: string, settings: ReplySettings): Packet {
  const fields = identity(MESSAGE.nak, settings);
  fields.set(OPTION.message, text(reason));
  echo(request, fields, [OPTION.clientIdentifier, ...relayOptions(request)]);
  // A relay has to broadcast it: the client's address is the very thing that is wrong (RFC 2131 §4.3.2).
  const flags = request.giaddr === 0 ? request.flags : request.flags | FLAG_BROADCAST;
  return { ...header(request), flags, ciaddr: 0, options: fields };
}

function identity(type: MessageType, settings: Pick<ReplySettings, 'server'>): Fields {
  return new Map([
    [OPTION.messageType, byte(type)],
    [OPTION.serverIdentifier, long(settings.server)],
  ]);
}

function finish(
  request: Packet,
  client: Client,
  address: Ipv4,
  fields: Fields,
  boot: BootOptions,
  network: Network,
): Reply {
  // RFC 6842 wants 61 back; PXE 2.1 wants 97; a relay needs its 82 (RFC 3046), whatever else has to go.
  const echoed = client.firmware === 'other' ? [] : [OPTION.clientMachineId];
  echo(request, fields, [OPTION.clientIdentifier, ...echoed, ...relayOptions(request)]);
  const left = fit(request, fields, [
    ...boot.always,
    ...network.always,
    ...asked(request, [...boot.asked, ...network.asked]),
  ]);
  return {
    packet: { ...header(request), yiaddr: address, siaddr: boot.siaddr, file: boot.file, options: fields },
    left,
  };
}

/** RFC 3011 wants 118 back from a server that goes by it, which is done for relays alone. */
function relayOptions({ giaddr }: Packet): number[] {
  return giaddr === 0 ? [OPTION.relayAgent] : [OPTION.subnetSelection, OPTION.relayAgent];
}

function header(request: Packet): Packet {
  return { ...request, op: OP.reply, hops: 0, secs: 0, yiaddr: 0, siaddr: 0, sname: '', file: '' };
}

function network({ subnet, gateway, dns, domain }: ReplySettings): Network {
  const fields: Field[] = [[OPTION.broadcastAddress, long(broadcastOf(subnet))]];
  if (gateway !== undefined) fields.push([OPTION.router, long(gateway)]);
  if (dns.length > 0) fields.push([OPTION.dns, long(...dns)]);
  if (domain) fields.push([OPTION.domainName, text(domain)]);
  return { always: [[OPTION.subnetMask, long(maskOf(subnet.prefix))]], asked: fields };
}

/** Only what the client asks for, in its order (RFC 2131 §4.3.1); everything where it sends no list. */
function asked(request: Packet, fields: readonly Field[]): Field[] {
  const list = request.options.get(OPTION.parameterList);
  if (!list) return [...fields];
  const byCode = new Map(fields);
  return [...new Set(list)].flatMap((code) => {
    const value = byCode.get(code);
    return value ? [[code, value] as Field] : [];
  });
}

function echo(request: Packet, fields: Fields, codes: readonly number[]): void {
  for (const code of codes) {
    const value = request.options.get(code);
    if (value) fields.set(code, value);
  }
}

/** Adds options while they fit into what the client can take; returns the codes of those that did not. */
function fit(request: Packet, fields: Fields, wanted: readonly Field[]): number[] {
  const size = Math.max(wordOf(request.options, OPTION.maxMessageSize) ?? 0, DEFAULT_MESSAGE_SIZE);
  let room = size - IP_UDP_HEADERS - FIXED_PART - 1;
  for (const value of fields.values()) room -= optionSize(value);
  const left: number[] = [];
  for (const [code, value] of wanted) {
    const needs = optionSize(value);
    if (needs > room) {
      left.push(code);
      continue;
    }
    room -= needs;
    fields.set(code, value);
  }
  return left;
}
