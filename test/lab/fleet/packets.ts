import { randomInt } from 'node:crypto';
import { MESSAGE, OPTION } from '../../../src/protocol/dhcp/codes.ts';
import { byte, long, text } from '../../../src/protocol/dhcp/options.ts';
import { decodePacket, type Packet } from '../../../src/protocol/dhcp/packet.ts';
import type { Ipv4 } from '../../../src/protocol/ipv4.ts';
import { captured } from '../../fixtures/dhcp.ts';
import type { Kind } from './plan.ts';

/** One DHCP exchange of a real boot. */
interface Exchange {
  readonly discover: Packet;
  readonly request: Packet;
}

/** Captures of one whole boot each, and in which of its stages DHCP was spoken. */
const CAPTURES = {
  bios: ['undionly-chain', ['address', 'ipxe', 'system']],
  uefi: ['ovmf-pxe-snponly', ['address', 'ipxe', 'system']],
  'uefi-http': ['ovmf-httpboot', ['address', 'ipxe', 'system']],
  'ipxe-rom': ['ipxe-rom-bios', ['ipxe', 'system']],
} as const satisfies Record<Kind, readonly [string, readonly DhcpStage[]]>;

export type DhcpStage = 'address' | 'ipxe' | 'system';

const read = new Map<Kind, Map<DhcpStage, Exchange>>();

function exchangeOf(kind: Kind, stage: DhcpStage): Exchange {
  let all = read.get(kind);
  if (!all) {
    const [capture, stages] = CAPTURES[kind];
    all = new Map(exchanges(capture).map((exchange, n) => [stages[n]!, exchange]));
    read.set(kind, all);
  }
  return all.get(stage)!;
}

/** A DISCOVER that is sent again has the same xid: it counts once. */
function exchanges(capture: string): Exchange[] {
  const byXid = new Map<number, { discover?: Packet; request?: Packet }>();
  for (const { what, bytes } of captured(capture)) {
    if (what !== 'DISCOVER' && what !== 'REQUEST') continue;
    const packet = decodePacket(bytes);
    const exchange = byXid.get(packet.xid) ?? {};
    byXid.set(packet.xid, exchange);
    if (what === 'DISCOVER') exchange.discover ??= packet;
    else exchange.request ??= packet;
  }
  return [...byXid.values()].map(({ discover, request }) => ({ discover: discover!, request: request! }));
}

/** Who it is, and what of the real machine's packets is its own. */
export interface Identity {
  readonly mac: string;
  readonly kind: Kind;
  readonly hostName: string;
  readonly architecture?: number;
}

const hardware = (mac: string) => Buffer.from(mac.replaceAll(':', ''), 'hex');

/** The captured packet as this machine sends it: its MAC wherever the other one's stood, its name, an xid. */
function as(
  identity: Identity,
  packet: Packet,
  xid: number,
  own: readonly (readonly [number, Uint8Array])[],
) {
  const old = Buffer.from(packet.chaddr.subarray(0, 6));
  const options = new Map(packet.options);
  for (const [code, value] of options) {
    const at = Buffer.from(value).indexOf(old);
    if (at < 0) continue;
    const mine = Buffer.from(value);
    mine.set(hardware(identity.mac), at);
    options.set(code, mine);
  }
  if (options.has(OPTION.hostName)) options.set(OPTION.hostName, text(identity.hostName));
  if (identity.architecture !== undefined && options.has(OPTION.clientArchitecture)) {
    options.set(OPTION.clientArchitecture, Uint8Array.of(identity.architecture >> 8, identity.architecture));
  }
  for (const [code, value] of own) options.set(code, value);
  const chaddr = Buffer.alloc(16);
  chaddr.set(hardware(identity.mac));
  return { ...packet, xid, chaddr, options };
}

export const newXid = (): number => randomInt(1, 2 ** 32 - 1);

export function discover(identity: Identity, stage: DhcpStage, xid: number): Packet {
  return as(identity, exchangeOf(identity.kind, stage).discover, xid, []);
}

/** Takes the offer. */
export function select(
  identity: Identity,
  stage: DhcpStage,
  xid: number,
  { server, address }: { server: Ipv4; address: Ipv4 },
): Packet {
  const own = [
    [OPTION.serverIdentifier, long(server)],
    [OPTION.requestedAddress, long(address)],
  ] as const;
  return as(identity, exchangeOf(identity.kind, stage).request, xid, own);
}

/** "May I go on with this address?" (RFC 2131, 4.3.2: INIT-REBOOT). */
export function reboot(identity: Identity, stage: DhcpStage, xid: number, address: Ipv4): Packet {
  const packet = as(identity, exchangeOf(identity.kind, stage).request, xid, [
    [OPTION.requestedAddress, long(address)],
  ]);
  packet.options.delete(OPTION.serverIdentifier);
  return packet;
}

export function decline(
  identity: Identity,
  stage: DhcpStage,
  xid: number,
  { server, address }: { server: Ipv4; address: Ipv4 },
): Packet {
  const packet = select(identity, stage, xid, { server, address });
  return { ...packet, options: new Map([...packet.options, [OPTION.messageType, byte(MESSAGE.decline)]]) };
}
