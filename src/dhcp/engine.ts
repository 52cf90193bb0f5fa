import type { Identity } from '../boot/rehearsal.ts';
import { MESSAGE } from '../protocol/dhcp/codes.ts';
import type { Ipv4 } from '../protocol/ipv4.ts';
import { UNSPECIFIED } from '../protocol/ipv4.ts';
import { discover } from './discover.ts';
import type { Kinds } from './kinds.ts';
import { decline, inform, release } from './other-messages.ts';
import { ignored, type Outcome, type Question, silence } from './question.ts';
import { impostor, unknownRelay } from './refused.ts';
import { requested } from './request.ts';
import { type Scopes, selectScope } from './scope.ts';
import { isRelay } from './served.ts';
import { traced, understand } from './understand.ts';

/**
 * decode → classify → choose the subnet → decide → reply, for one packet. Never throws for what a packet holds.
 *
 * @param peer the sender's address, for events about packets that cannot be read.
 * @param now seconds since 1970.
 * @param who whoever asks, where that is known better than by what the packet says.
 * @param kinds of messages that were heard before; the outcome is the same without.
 */
export function handle(
  bytes: Uint8Array,
  peer: Ipv4,
  scopes: Scopes,
  now: number,
  who?: Identity,
  kinds?: Kinds,
): Outcome {
  const message = understand(bytes, peer, who, kinds);
  if ('events' in message) return message;
  const { request, client, kind, type, name } = message;
  const decide = type === undefined ? undefined : DECISIONS[type];
  if (!decide) return ignored({ client }, name, 'no server answers that');
  const { served } = scopes.local;
  const fault = who ? undefined : impostor(peer, request, served);
  if (fault) return ignored({ client }, name, fault);
  const scope = selectScope(request, scopes);
  if (!scope || (request.giaddr !== UNSPECIFIED && !isRelay(served, request.giaddr)))
    return silence(unknownRelay(client, request, served, scope));
  scope.meet(request);
  if (scope.awaitsRelay && decide !== release)
    return ignored({ client }, name, 'its gateway is not known until its relay asks for somebody');
  const { book } = scope;
  const isOnProbation = scope.isOnProbation(client.key, now);
  const settings = scope.settingsFor(request, isOnProbation);
  const from = who ? undefined : peer;
  const outcome = decide({
    bytes,
    kind,
    request,
    client,
    settings,
    book,
    isOnProbation,
    peer: from,
    now,
  });
  return outcome.untraced ? outcome : traced(message, outcome);
}

const DECISIONS: Record<number, ((question: Question) => Outcome) | undefined> = {
  [MESSAGE.discover]: discover,
  [MESSAGE.request]: requested,
  [MESSAGE.decline]: decline,
  [MESSAGE.release]: release,
  [MESSAGE.inform]: inform,
};
