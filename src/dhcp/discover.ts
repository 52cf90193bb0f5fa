import { askerOf } from '../boot/client.ts';
import { planFor } from '../boot/plan.ts';
import type { DhcpEvent } from '../journal/dhcp-events.ts';
import { LATER } from '../leases/book.ts';
import { MESSAGE, OPTION } from '../protocol/dhcp/codes.ts';
import { addressOf } from '../protocol/dhcp/options.ts';
import { sourceOf } from '../protocol/dhcp/relay.ts';
import { destinationOf } from './destination.ts';
import { type Outcome, type Question, relayOf, remarks, silence } from './question.ts';
import { writeLease } from './reply-form.ts';

/** DISCOVER → OFFER of an address that is held for a minute; silence where none is left (RFC 2131 §4.3.1). */
export function discover(question: Question): Outcome {
  const { client, settings, book, now } = question;
  // A DISCOVER has no address of its own; one that claims to must not steer the reply.
  const request = question.request.ciaddr === 0 ? question.request : { ...question.request, ciaddr: 0 };
  const { mac } = client;
  const source = sourceOf(request);
  const wish = addressOf(request.options, OPTION.requestedAddress);
  const address = book.offer(client.key, now, wish, source);
  if (address === LATER) return { ...silence({ kind: 'dhcp.turned-away', source }), untraced: true };
  const asker = askerOf(client);
  const seen: DhcpEvent = { kind: 'dhcp.discover', mac, client: asker, ...relayOf(request) };
  if (address === undefined) return silence(seen, usedUp(question));
  const plan = planFor(client, settings.plan);
  const reply = writeLease({ type: MESSAGE.offer, request, client, address, plan, settings }, question);
  return {
    events: [
      seen,
      { kind: 'dhcp.offer', mac, address, plan, client: asker },
      ...remarks(client, plan, reply),
    ],
    changes: [],
    answer: { bytes: reply.bytes, destination: destinationOf(request, address), mac },
  };
}

function usedUp({ client, settings, book }: Question): DhcpEvent {
  return {
    kind: 'dhcp.pool-used-up',
    mac: client.mac,
    size: book.size,
    declined: book.declined,
    leaseTime: settings.leaseTime,
    example: settings.largerPool(book.size),
  };
}
