import { askerOf } from '../boot/client.ts';
import { planFor } from '../boot/plan.ts';
import type { Identity } from '../boot/rehearsal.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { BOOT_SERVER_PORT, FLAG_BROADCAST, MESSAGE, OPTION, SERVER_PORT } from '../protocol/dhcp/codes.ts';
import { addressOf } from '../protocol/dhcp/options.ts';
import { formatIpv4, type Ipv4, UNSPECIFIED } from '../protocol/ipv4.ts';
import { type Destination, destinationOf } from './destination.ts';
import { answer, type EngineSettings, ignored, type Outcome, remarks, silence } from './question.ts';
import { impostor, unknownRelay } from './refused.ts';
import { bootReply } from './reply.ts';
import { requestState } from './request-state.ts';
import { isRelay, isServed } from './served.ts';
import { type Message, traced, understand } from './understand.ts';

/** What is answered from where another server gives the addresses. */
export type ProxySettings = Pick<EngineSettings, 'server' | 'tftp' | 'subnet' | 'plan' | 'served'>;

type Port = typeof SERVER_PORT | typeof BOOT_SERVER_PORT;
type ReplyType = typeof MESSAGE.offer | typeof MESSAGE.ack;
type Decide = (message: Message, settings: ProxySettings) => Outcome;

/**
 * One packet on port 67 of a ProxyDHCP server (PXE 2.1 §2.2): whoever boots is told what to boot, and nobody is given an address.
 * Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param who whoever asks, where that is known better than by what the packet says.
 */
export function handleAsProxy(
  bytes: Uint8Array,
  peer: Ipv4,
  settings: ProxySettings,
  who?: Identity,
): Outcome {
  const message = understand(bytes, peer, who);
  if ('events' in message) return message;
  const decide = message.type === undefined ? undefined : DECISIONS[message.type];
  if (!decide) return ignored(message, message.name, 'another server gives the addresses');
  const refusal = refused(message, peer, settings, who);
  if (refusal) return refusal;
  return traced(message, decide(message, settings));
}

const DECISIONS: Record<number, Decide | undefined> = {
  [MESSAGE.discover]: (message, settings) => {
    // A DISCOVER has no address of its own; one that claims to must not steer the reply.
    const request = { ...message.request, ciaddr: UNSPECIFIED };
    return toBoot({ ...message, request }, settings, MESSAGE.offer, SERVER_PORT, destinationOf(request, 0));
  },
  [MESSAGE.request]: (message, settings) => {
    // An ACK from here would spoil the lease that the client is about to get from the other server.
    const { options } = message.request;
    const ours = addressOf(options, OPTION.serverIdentifier) === settings.server;
    if (!ours || options.has(OPTION.requestedAddress)) return elsewhere(message);
    if (message.request.ciaddr !== UNSPECIFIED && !isHere(message, settings)) return notHere(message);
    return toBoot(message, settings, MESSAGE.ack, SERVER_PORT, destinationOf(message.request, 0));
  },
  [MESSAGE.inform]: (message, settings) => {
    const { request } = message;
    if (!isHere(message, settings)) return notHere(message);
    return toBoot(message, settings, MESSAGE.ack, SERVER_PORT, destinationOf(request, 0));
  },
};

/** Answers go to the address that a message says it comes from: to nobody on another network, and not to all of this one. */
function isHere({ request }: Message, { served }: ProxySettings): boolean {
  return isServed(served, request.ciaddr);
}

function notHere(message: Message): Outcome {
  const reason = `its address ${formatIpv4(message.request.ciaddr)} is not on this network`;
  return ignored(message, message.name, reason);
}

/** One packet on port 4011: the answer goes back to where the question came from. */
export function handleAsBootServer(
  bytes: Uint8Array,
  peer: { readonly address: Ipv4; readonly port: number },
  settings: ProxySettings,
  who?: Identity,
): Outcome {
  const message = understand(bytes, peer.address, who);
  if ('events' in message) return message;
  const type = message.type === undefined ? undefined : BOOT_SERVER_REPLIES[message.type];
  const address = peer.address;
  if (!type) return ignored(message, message.name, 'no boot server answers that');
  if (!who && !isServed(settings.served, address))
    return ignored(
      message,
      message.name,
      `it comes from ${formatIpv4(address)}, which is on no network that is served`,
    );
  const refusal = refused(message, address, settings, who);
  if (refusal) return refusal;
  const outcome = toBoot(message, settings, type, BOOT_SERVER_PORT, { address, port: peer.port });
  return traced(message, outcome, BOOT_SERVER_PORT);
}

const BOOT_SERVER_REPLIES: Record<number, ReplyType | undefined> = {
  [MESSAGE.discover]: MESSAGE.offer,
  [MESSAGE.request]: MESSAGE.ack,
  [MESSAGE.inform]: MESSAGE.ack,
};

function refused(
  message: Message,
  peer: Ipv4,
  { served }: ProxySettings,
  who: Identity | undefined,
): Outcome | undefined {
  const { request, client, name } = message;
  const fault = who ? undefined : impostor(peer, request, served);
  if (fault) return ignored(message, name, fault);
  const isKnown = request.giaddr === UNSPECIFIED || isRelay(served, request.giaddr);
  return isKnown ? undefined : silence(unknownRelay(client, request, served));
}

/** The machine takes its address from the other server; nothing to answer, but now that address is known. */
function elsewhere({ request, client, name }: Message): Outcome {
  const asked = requestState(request);
  if (asked.state === 'malformed') return ignored({ client }, name, 'it names no address');
  const server = asked.state === 'selecting' ? asked.server : undefined;
  return silence({
    kind: 'dhcp.address-elsewhere',
    mac: client.mac,
    address: asked.address,
    client: askerOf(client),
    ...(server === undefined ? {} : { server }),
  });
}

function toBoot(
  message: Message,
  settings: ProxySettings,
  type: ReplyType,
  port: Port,
  destination: Destination,
): Outcome {
  const { request, client, name } = message;
  const plan = planFor(client, settings.plan);
  if (plan.kind === 'none') return ignored(message, name, 'it does not want to boot');
  const reply = bootReply(type, request, client, plan, settings);
  const { mac } = client;
  const asker = askerOf(client);
  const seen: DhcpEvent = { kind: 'dhcp.proxy-request', mac, message: name, port, client: asker };
  if (plan.kind === 'no-loader') return silence(seen, ...remarks(client, plan, reply));
  const said = type === MESSAGE.offer ? 'OFFER' : 'ACK';
  // Without an address in it a relay can only broadcast the reply.
  const flags = port === SERVER_PORT ? reply.packet.flags | FLAG_BROADCAST : reply.packet.flags;
  return {
    events: [
      seen,
      { kind: 'dhcp.boot-answer', mac, message: said, port, plan, client: asker },
      ...remarks(client, plan, reply),
    ],
    changes: [],
    answer: answer(message, { ...reply.packet, flags }, destination),
  };
}
