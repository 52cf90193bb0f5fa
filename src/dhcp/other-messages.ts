import { planFor } from '../boot/plan.ts';
import { QUARANTINE_TIME } from '../leases/book.ts';
import { OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf } from '../protocol/dhcp/options.ts';
import { containsHost, formatIpv4 } from '../protocol/ipv4.ts';
import { destinationOf } from './destination.ts';
import { answer, ignored, type Outcome, type Question, remarks, tenantOf } from './question.ts';
import { informReply } from './reply.ts';
import { isServed } from './served.ts';

/** DECLINE: a stranger uses the address; nobody gets it for a while (RFC 2131 §4.3.3). */
export function decline(question: Question): Outcome {
  const { request, client, book, now } = question;
  const address = addressOf(request.options, OPTION.requestedAddress) ?? 0;
  const changes = isForUs(question) ? book.decline(tenantOf(client), address, now) : [];
  if (changes.length === 0)
    return ignored(question, 'DECLINE', `${formatIpv4(address)} is not its lease here`);
  const seconds = changes[0]?.kind === 'put' ? QUARANTINE_TIME : 0;
  return { events: [{ kind: 'dhcp.decline', mac: client.mac, address, seconds }], changes };
}

/** RELEASE: the address may go to others at once (RFC 2131 §4.3.4). It comes from that address: others do not end a machine's lease. */
export function release(question: Question): Outcome {
  const { request, client, book, peer, now } = question;
  const address = request.ciaddr;
  if (peer !== undefined && peer !== address)
    return ignored(question, 'RELEASE', `it comes from ${formatIpv4(peer)}, not from ${formatIpv4(address)}`);
  const changes = isForUs(question) ? book.release(client.key, address, now) : [];
  if (changes.length === 0)
    return ignored(question, 'RELEASE', `${formatIpv4(address)} is not its lease here`);
  return { events: [{ kind: 'dhcp.release', mac: client.mac, address }], changes };
}

/** INFORM → ACK without an address, to the address that the client has (RFC 2131 §4.3.5). It comes from there: others are sent nothing for it. */
export function inform(question: Question): Outcome {
  const { request, client, settings, peer } = question;
  const address = request.ciaddr;
  if (request.giaddr === 0 && peer !== undefined && peer !== address)
    return ignored(question, 'INFORM', `it comes from ${formatIpv4(peer)}, not from ${formatIpv4(address)}`);
  if (!containsHost(settings.subnet, address) || !isServed(settings.served, address)) {
    return ignored(question, 'INFORM', `its address ${formatIpv4(address)} is not on this network`);
  }
  const plan = planFor(client, settings.plan);
  const reply = informReply(request, client, plan, settings);
  return {
    events: [{ kind: 'dhcp.inform', mac: client.mac, address }, ...remarks(client, plan, reply)],
    changes: [],
    answer: answer(question, reply.packet, destinationOf(request, 0)),
  };
}

/** Both messages name their server; a client that leaves it out speaks to whoever gave the address. */
function isForUs({ request, settings }: Question): boolean {
  const server = addressOf(request.options, OPTION.serverIdentifier);
  return server === undefined || server === settings.server;
}
