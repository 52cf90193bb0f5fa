import { classify, type Firmware } from '../boot/client.ts';
import type { ExactPacket, Exchange, Explanation, Overheard, Supposed } from '../boot/explanation.ts';
import { chainsGrub } from '../boot/grub.ts';
import type { Plan } from '../boot/plan.ts';
import { BOOT_SERVER_PORT, MESSAGE, OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf, byteOf, long } from '../protocol/dhcp/options.ts';
import { decodePacket, encodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { broadcastOf } from '../protocol/ipv4.ts';
import { type Answering, bootServer, exchange } from './exchange.ts';
import { supposedDialogue } from './supposed-request.ts';

export type { Answering };

/**
 * What a machine would be answered now, and why: the messages of its firmware, and of the iPXE that it is sent to. They go through the
 * engine that answers machines, against a view of the leases: nothing is offered, remembered or told.
 *
 * @param now seconds since 1970.
 */
export function explain(supposed: Supposed, answering: Answering, now: number): Explanation {
  const rehearsal = rehearsed(answering);
  const { mode } = answering;
  const heard = (supposed.like ?? []).map((one) => ({ ...one, packet: decodePacket(hex(one.bytes)) }));
  const like = (firmware: Firmware) => heard.filter(({ packet }) => classify(packet).firmware === firmware);
  const said = dialogue(like(supposed.firmware), supposed, mode);
  const first = converse(said, 'firmware', rehearsal, now);
  const plan = first.at(-1)?.plan;
  if (supposed.port === BOOT_SERVER_PORT || !leadsToIpxe(plan, first)) return { mode, exchanges: first };
  const { architecture: code = 0 } = first[0]!;
  const next: Supposed = { ...supposed, firmware: 'ipxe', architecture: IPXE_OF[code] ?? code };
  const second = converse(dialogue(like('ipxe'), next, mode), 'ipxe', rehearsal, now);
  return { mode, exchanges: [...first, ...second] };
}

/**
 * What this very packet would be answered with now.
 *
 * @throws DecodeError for bytes that are no DHCP packet.
 */
export function explainPacket(packet: ExactPacket, answering: Answering, now: number): Explanation {
  const { packet: _, ...one } = exchange(packet, 'firmware', rehearsed(answering), now);
  return { mode: answering.mode, exchanges: [one] };
}

function rehearsed(answering: Answering): Answering {
  if (answering.mode === 'proxy') return answering;
  const { local, relayed } = answering.scopes;
  const scopes = { local: local.rehearsal(), relayed: relayed.map((scope) => scope.rehearsal()) };
  return { ...answering, scopes };
}

/** iPXE for UEFI is built for PXE's architectures, also where it came by HTTP. */
const IPXE_OF: Readonly<Record<number, number>> = { 15: 6, 16: 7, 18: 10, 19: 11 };

function leadsToIpxe(plan: Plan | undefined, exchanges: readonly Exchange[]): boolean {
  if (exchanges.at(-1)?.answer === undefined) return false;
  if (plan?.kind === 'loader') return !chainsGrub(plan.file);
  return plan?.kind === 'http-loader' && !chainsGrub(plan.url);
}

interface Utterance extends Overheard {
  readonly packet: Packet;
}

/** What it said before, where that was enough to be answered; else what such firmware says. */
function dialogue(
  heard: readonly Utterance[],
  supposed: Supposed,
  mode: Explanation['mode'],
): readonly Utterance[] {
  // A REQUEST to the server that gives the addresses tells a proxy nothing.
  const meant = heard.filter(({ port, packet }) => mode === 'server' || port === 4011 || isDiscover(packet));
  return meant.some(({ packet }) => isDiscover(packet)) ? meant : supposedDialogue(supposed, mode);
}

const isDiscover = ({ options }: Packet) => byteOf(options, OPTION.messageType) === MESSAGE.discover;

function converse(
  said: readonly Utterance[],
  stage: Exchange['stage'],
  answering: Answering,
  now: number,
): Exchange[] {
  const exchanges: Exchange[] = [];
  let offer: Packet | undefined;
  for (const utterance of said) {
    const bytes = completed(utterance, offer, answering);
    const { packet, ...one } = exchange({ bytes, port: utterance.port }, stage, answering, now);
    const said = exchanges.flatMap(({ because }) => because);
    exchanges.push({ ...one, because: one.because.filter((reason) => !said.includes(reason)) });
    if (!packet) break;
    if (byteOf(packet.options, OPTION.messageType) === MESSAGE.offer) offer = packet;
  }
  return exchanges;
}

/** A message that depends on an answer before it, with what that answer says now. */
function completed(
  { packet, port, bytes }: Utterance,
  offer: Packet | undefined,
  answering: Answering,
): string {
  if (port === BOOT_SERVER_PORT) {
    const { subnet } = bootServer(answering, packet);
    // What the other server gives is not known here: any address of the network stands for it.
    const ciaddr = packet.ciaddr || offer?.yiaddr || broadcastOf(subnet) - 1;
    return ciaddr === packet.ciaddr ? bytes : encoded({ ...packet, ciaddr });
  }
  const server = offer && addressOf(offer.options, OPTION.serverIdentifier);
  if (!offer || server === undefined || !packet.options.has(OPTION.serverIdentifier)) return bytes;
  const options = new Map(packet.options);
  options.set(OPTION.serverIdentifier, long(server));
  options.set(OPTION.requestedAddress, long(offer.yiaddr));
  const same = [OPTION.serverIdentifier, OPTION.requestedAddress].every(
    (code) => addressOf(packet.options, code) === addressOf(options, code),
  );
  return same ? bytes : encoded({ ...packet, options });
}

const hex = (bytes: string) => Buffer.from(bytes, 'hex');
const encoded = (packet: Packet) => Buffer.from(encodePacket(packet)).toString('hex');
