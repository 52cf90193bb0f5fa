import { askerOf } from '../boot/client.ts';
import { planFor } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { MESSAGE } from '../protocol/dhcp/codes.ts';
import { contains, formatIpv4, formatSubnet, type Ipv4 } from '../protocol/ipv4.ts';
import { destinationOf } from './destination.ts';
import {
  answer,
  ignored,
  type Outcome,
  type Question,
  relayOf,
  remarks,
  silence,
  tenantOf,
} from './question.ts';
import { nakReply } from './reply.ts';
import { writeLease } from './reply-form.ts';
import { type RequestState, requestState } from './request-state.ts';

/** REQUEST in any of its states → ACK, NAK or silence (RFC 2131 §4.3.2). */
export function requested(question: Question): Outcome {
  const { request, client, settings } = question;
  const asked = requestState(request);
  const outcome = decide(question, asked);
  if (asked.state === 'malformed') return outcome;
  if (asked.state === 'selecting' && asked.server !== settings.server) return outcome;
  const { state, address } = asked;
  const seen: DhcpEvent = {
    kind: 'dhcp.request',
    mac: client.mac,
    address,
    state,
    client: askerOf(client),
    ...relayOf(request),
  };
  return { ...outcome, events: [seen, ...outcome.events] };
}

function decide(question: Question, asked: RequestState): Outcome {
  const { client, settings, book } = question;
  switch (asked.state) {
    case 'malformed':
      return ignored(question, 'REQUEST', 'it names no address');
    case 'selecting':
      if (asked.server !== settings.server) {
        book.forgetOffer(client.key);
        return silence({ kind: 'dhcp.other-server', mac: client.mac, server: asked.server });
      }
      return book.mayHave(client.key, asked.address, question.now)
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
  if (!contains(settings.subnet, address)) {
    // Whoever has its address elsewhere is on another network, or says so to have something sent.
    if (state === 'extending')
      return ignored(question, 'REQUEST', `its address ${formatIpv4(address)} is not on this network`);
    return nak(question, address, `it is not on this network, ${formatSubnet(settings.subnet)}`);
  }
  const lease = book.leaseOf(client.key);
  if (lease?.address === address) return acknowledge(question, address);
  if (lease) return nak(question, address, `${formatIpv4(lease.address)} is yours here`);
  if (book.isOthers(client.key, address)) return nak(question, address, 'another machine has it');
  // A client that renews was promised its address by this server, even where the record of it was lost.
  if (state === 'extending' && book.mayHave(client.key, address, question.now))
    return acknowledge(question, address);
  if (settings.authoritative) return nak(question, address, 'this server knows nothing of it');
  // Without a record the server stays silent, since another server may have one.
  return ignored(question, 'REQUEST', `${formatIpv4(address)} may be another server's lease`);
}

function acknowledge(question: Question, address: Ipv4): Outcome {
  const { request, client, settings, book, now } = question;
  const { mac } = client;
  const plan = planFor(client, settings.plan);
  const changes = book.lease(tenantOf(client), address, now + settings.leaseTime);
  const reply = writeLease({ type: MESSAGE.ack, request, client, address, plan, settings }, question);
  return {
    events: [
      {
        kind: 'dhcp.ack',
        mac,
        address,
        plan,
        client: askerOf(client),
        seconds: settings.leaseTime,
        ...(question.isOnProbation ? { probation: true } : {}),
      },
      // That there is no loader was told with the OFFER.
      ...remarks(client, { kind: 'none' }, reply),
    ],
    changes,
    answer: { bytes: reply.bytes, destination: destinationOf(request, address), mac },
  };
}

function nak(question: Question, address: Ipv4, reason: string): Outcome {
  const { request, client, settings } = question;
  return {
    events: [{ kind: 'dhcp.nak', mac: client.mac, address, reason }],
    changes: [],
    answer: answer(question, nakReply(request, reason, settings), destinationOf(request, 0, true)),
  };
}
