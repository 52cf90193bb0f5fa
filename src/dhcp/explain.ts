import { type Client, classify } from '../boot/client.ts';
import type { Explanation, Supposed } from '../boot/explanation.ts';
import { planFor } from '../boot/plan.ts';
import { dissect } from '../journal/dissection.ts';
import { render } from '../journal/render.ts';
import { decodePacket, type Packet } from '../protocol/dhcp/packet.ts';
import { handle } from './engine.ts';
import {
  addressed,
  classified,
  destinationText,
  located,
  placed,
  planned,
  restrained,
  sent,
} from './explain-reasons.ts';
import { handleAsProxy, type ProxySettings } from './proxy.ts';
import type { Outcome } from './question.ts';
import { type Scopes, selectScope } from './scope.ts';
import { supposedRequest } from './supposed-request.ts';

/** How a server answers: with addresses, or beside another server that gives them. */
export type Answering =
  | { readonly mode: 'server'; readonly scopes: Scopes }
  | { readonly mode: 'proxy'; readonly settings: ProxySettings };

/**
 * What a machine's first DISCOVER would be answered with now, and why. It goes through the engine that answers machines, against a view of
 * the leases: nothing is offered, remembered or told.
 *
 * @param now seconds since 1970.
 */
export function explain(supposed: Supposed, answering: Answering, now: number): Explanation {
  const bytes = supposedRequest(supposed);
  const request = decodePacket(bytes);
  const client = classify(request);
  const { outcome, because } =
    answering.mode === 'server'
      ? ofServer(bytes, request, client, rehearsed(answering.scopes), now)
      : ofProxy(bytes, request, client, answering.settings);
  const { answer } = outcome;
  return {
    request: dissect(request),
    ...(answer && {
      reply: dissect(answer.packet),
      bytes: Buffer.from(answer.bytes).toString('hex'),
      destination: destinationText(answer.destination),
    }),
    because: [
      classified(client, request),
      ...because,
      ...remarkable(outcome),
      ...(answer ? [...optional(placed(answer.packet)), sent(answer.destination, request)] : []),
    ],
  };
}

interface Explained {
  readonly outcome: Outcome;
  readonly because: readonly string[];
}

function rehearsed({ local, relayed }: Scopes): Scopes {
  return { local: local.rehearsal(), relayed: relayed.map((scope) => scope.rehearsal()) };
}

function ofServer(
  bytes: Uint8Array,
  request: Packet,
  client: Client,
  scopes: Scopes,
  now: number,
): Explained {
  const outcome = handle(bytes, PEER, scopes, now);
  const scope = selectScope(request, scopes);
  if (!scope) return { outcome, because: [] };
  const preview = scope.book.preview(client.key, now);
  const plan = planFor(client, scope.settingsFor(request).plan);
  return {
    outcome,
    because: [
      located(request, scope),
      ...(preview ? [addressed(preview, scope.book.leaseOf(client.key), now)] : []),
      ...(outcome.answer ? [...optional(planned(plan, client)), restrained(request)] : []),
    ],
  };
}

function ofProxy(bytes: Uint8Array, request: Packet, client: Client, settings: ProxySettings): Explained {
  const plan = planFor(client, settings.plan);
  return {
    outcome: handleAsProxy(bytes, PEER, settings),
    because: [
      'It gets its address from another server: this one is a proxy (MODE), which tells only what to boot.',
      ...optional(planned(plan, client)),
      ...(request.giaddr === 0
        ? []
        : ['Through a relay a proxy is heard only where the relay passes requests on to it too.']),
    ],
  };
}

/** Stands in events about packets that cannot be read; this one can. */
const PEER = '0.0.0.0';

/** What the engine itself says that is out of the ordinary, in the words of the log. */
const REMARKABLE: ReadonlySet<string> = new Set([
  'dhcp.ignored',
  'dhcp.unknown-relay',
  'dhcp.pool-used-up',
  'dhcp.no-loader',
  'dhcp.options-left-out',
]);

function remarkable({ events }: Outcome): string[] {
  return events.filter(({ kind }) => REMARKABLE.has(kind)).map((event) => sentence(render(event).text));
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}

function optional(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}
