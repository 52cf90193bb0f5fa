import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Profile } from '../../config/profile.ts';
import { type Allowance, throttle } from '../../journal/throttle.ts';
import { isLocalAddress } from '../../platform/adapters.ts';
import { parseIpv4 } from '../../protocol/ipv4.ts';
import { type AccessRules, type Call, refusalOf } from './access.ts';
import { sendFailure } from './failure.ts';
import type { ApiParts } from './parts.ts';

/** No script, style or frame but our own; nothing is told to other sites. */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Anyone can cause refusals. */
const A_FEW: Allowance = { events: 5, period: 10_000 };

/**
 * For everything that is meant for people: page, API, events and metrics. Machines' files never pass through here.
 * One for all of it, since refusals are told sparingly.
 */
export function guard({ rules, sink, clock }: Pick<ApiParts, 'rules' | 'sink' | 'clock'>): RequestHandler {
  const told = throttle(sink, () => clock.monotonic(), { 'http.refused': A_FEW });
  return (request, response, next) => {
    response.set(PAGE_HEADERS);
    const call: Call = {
      method: request.method,
      address: request.socket.remoteAddress ?? 'unknown',
      host: request.get('host'),
      origin: request.get('origin'),
      fetchSite: request.get('sec-fetch-site'),
      fetchMode: request.get('sec-fetch-mode'),
      authorization: request.get('authorization'),
      contentType: request.get('content-type'),
    };
    const refusal = refusalOf(call, rules);
    if (!refusal) return next();
    const { status, error, remedy } = refusal;
    const line = `${request.method} ${request.originalUrl}`;
    told({ kind: 'http.refused', address: call.address, status, request: line, reason: error });
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    sendFailure(response, status, error, remedy);
  };
}

/** The rules as they follow from the configuration. `token` is API_TOKEN. */
export function accessRules(
  { adapter, domain }: Pick<Profile, 'adapter' | 'domain'>,
  token: string | undefined,
  hostName: string,
): AccessRules {
  return {
    subnet: adapter.subnet,
    isOwn(address) {
      const ipv4 = parseIpv4(address);
      return ipv4 === undefined ? address === '::1' : isLocalAddress(ipv4);
    },
    isToken: token === undefined ? undefined : (presented) => same(presented, token),
    domain,
    hostName,
  };
}

/** In a time that tells neither where two texts differ nor how long the right one is. */
function same(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
