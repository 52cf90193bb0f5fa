import type { Client } from '../boot/client.ts';
import type { Plan } from '../boot/plan.ts';
import { FLAG_BROADCAST, MESSAGE, type MessageType, OP, OPTION } from '../protocol/dhcp/codes.ts';
import { addressText, byte, long, optionSize, text, wordOf } from '../protocol/dhcp/options.ts';
import { LONGEST_FILE, type Packet } from '../protocol/dhcp/packet.ts';
import { broadcastOf, type Ipv4, maskOf, type Subnet } from '../protocol/ipv4.ts';

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

/** RFC 2131 §2: without option 57 a client takes 576 bytes of IP, of which 28 are headers. */
const DEFAULT_MESSAGE_SIZE = 576;
const IP_UDP_HEADERS = 28;
const FIXED_PART = 240;
/** iPXE's "no ProxyDHCP": it then does not wait 2–3 s for one (option 175, sub-option 176). */
const NO_PROXY_DHCP = Uint8Array.of(176, 1, 1);

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
  return finish(request, client, address, plan, settings, fields);
}

/** ACK of an INFORM: configuration without an address or a lease (RFC 2131 §4.3.5). */
export function informReply(request: Packet, client: Client, plan: Plan, settings: ReplySettings): Reply {
  return finish(request, client, 0, plan, settings, identity(MESSAGE.ack, settings));
}

/** NAK: the client has to start over. `reason` is for whoever reads the client's log (option 56). */
export function nakReply(request: Packet, reason: string, settings: ReplySettings): Packet {
  const fields = identity(MESSAGE.nak, settings);
  fields.set(OPTION.message, text(reason));
  echo(request, fields, [OPTION.clientIdentifier, OPTION.relayAgent]);
  // A relay has to broadcast it: the client's address is the very thing that is wrong (RFC 2131 §4.3.2).
  const flags = request.giaddr === 0 ? request.flags : request.flags | FLAG_BROADCAST;
  return { ...header(request), flags, ciaddr: 0, options: fields };
}

function identity(type: MessageType, settings: ReplySettings): Fields {
  return new Map([
    [OPTION.messageType, byte(type)],
    [OPTION.serverIdentifier, long(settings.server)],
  ]);
}

function finish(
  request: Packet,
  client: Client,
  address: Ipv4,
  plan: Plan,
  settings: ReplySettings,
  fields: Fields,
): Reply {
  const boot = bootFields(client, plan, settings);
  // RFC 6842 wants 61 back; PXE 2.1 wants 97; a relay needs its 82 (RFC 3046), whatever else has to go.
  const echoed = client.firmware === 'other' ? [] : [OPTION.clientMachineId];
  echo(request, fields, [OPTION.clientIdentifier, ...echoed, OPTION.relayAgent]);
  const left = fit(request, fields, [
    ...boot.always,
    [OPTION.subnetMask, long(maskOf(settings.subnet.prefix))],
    ...asked(request, [...boot.asked, ...networkFields(settings)]),
  ]);
  return {
    packet: { ...header(request), yiaddr: address, siaddr: boot.siaddr, file: boot.file, options: fields },
    left,
  };
}

function header(request: Packet): Packet {
  return { ...request, op: OP.reply, hops: 0, secs: 0, yiaddr: 0, siaddr: 0, sname: '', file: '' };
}

function networkFields({ subnet, gateway, dns, domain }: ReplySettings): [number, Uint8Array][] {
  const fields: [number, Uint8Array][] = [[OPTION.broadcastAddress, long(broadcastOf(subnet))]];
  if (gateway !== undefined) fields.push([OPTION.router, long(gateway)]);
  if (dns.length > 0) fields.push([OPTION.dns, long(...dns)]);
  if (domain) fields.push([OPTION.domainName, text(domain)]);
  return fields;
}

/**
 * The boot server stands in siaddr, the boot file in `file`, and both in 66 and 67 where they are asked for: ROMs differ in which they
 * read. Options 60 and 43 stay out: they would send a ROM to a boot server on port 4011.
 */
function bootFields(client: Client, plan: Plan, { tftp }: ReplySettings) {
  const none = {
    siaddr: 0,
    file: '',
    always: [] as [number, Uint8Array][],
    asked: [] as [number, Uint8Array][],
  };
  if (plan.kind === 'none' || plan.kind === 'no-loader') return none;
  const file = plan.kind === 'script' ? plan.url : plan.file;
  // EDK2 writes a NUL behind an unterminated option 67, past its end.
  const terminated = client.firmware === 'ipxe' ? file : `${file}\0`;
  const name: [number, Uint8Array] = [OPTION.bootFileName, text(terminated)];
  const fits = file.length <= LONGEST_FILE;
  return {
    siaddr: tftp,
    file: fits ? file : '',
    always: [
      ...(fits ? [] : [name]),
      ...(client.firmware === 'ipxe' ? ([[OPTION.ipxe, NO_PROXY_DHCP]] as [number, Uint8Array][]) : []),
    ],
    asked: [...(fits ? [name] : []), [OPTION.tftpServerName, addressText(tftp)] as [number, Uint8Array]],
  };
}

/** Only what the client asks for, in its order (RFC 2131 §4.3.1); everything where it sends no list. */
function asked(request: Packet, fields: readonly [number, Uint8Array][]): [number, Uint8Array][] {
  const list = request.options.get(OPTION.parameterList);
  if (!list) return [...fields];
  const byCode = new Map(fields);
  return [...new Set(list)].flatMap((code) => {
    const value = byCode.get(code);
    return value ? [[code, value] as [number, Uint8Array]] : [];
  });
}

function echo(request: Packet, fields: Fields, codes: readonly number[]): void {
  for (const code of codes) {
    const value = request.options.get(code);
    if (value) fields.set(code, value);
  }
}

/** Adds options while they fit into what the client can take; returns the codes of those that did not. */
function fit(request: Packet, fields: Fields, wanted: readonly [number, Uint8Array][]): number[] {
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
