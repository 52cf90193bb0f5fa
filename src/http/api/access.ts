import { isIP } from 'node:net';
import { contains, parseIpv4, type Subnet } from '../../protocol/ipv4.ts';

/** What of a call decides whether it is answered; headers as they came. */
export interface Call {
  readonly method: string;
  /** The other end of the connection. X-Forwarded-For is never asked: whoever calls writes it. */
  readonly address: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
}

export interface AccessRules {
  /** The adapter's own subnet. Those behind relays are other people's networks: they read, and write with the token alone. */
  readonly subnet: Subnet;
  /** True for the host's own addresses, loopback among them. */
  isOwn(address: string): boolean;
  /** Compares the token in constant time; undefined where none is set. */
  readonly isToken: ((presented: string) => boolean) | undefined;
  readonly domain: string | undefined;
  readonly hostName: string;
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 415;
  readonly error: string;
  readonly remedy: string;
}

const READING: readonly string[] = ['GET', 'HEAD'];

/** Why the call is not answered; undefined where it is. */
export function refusalOf(call: Call, rules: AccessRules): Refusal | undefined {
  return foreignHost(call, rules) ?? foreignPage(call) ?? foreignWriter(call, rules);
}

/** True for those who may write without the token: on the served subnet, or on the host itself. */
export function isLocal(address: string, { subnet, isOwn }: Pick<AccessRules, 'subnet' | 'isOwn'>): boolean {
  const plain = ipv4Of(address);
  const ipv4 = parseIpv4(plain);
  return isOwn(plain) || (ipv4 !== undefined && contains(subnet, ipv4));
}

/** An IPv6 socket shows IPv4 peers as ::ffff:10.0.0.5. */
function ipv4Of(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Suffixes of which nobody can buy a name (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal; .lan by custom). */
const PRIVATE_NAMES = ['local', 'lan', 'internal', 'home.arpa', 'test', 'localhost'];

/**
 * DNS rebinding: a page of evil.example lets its own name point here, and then reads all of it as "same origin". The Host header still
 * says evil.example; so only names are answered that no stranger can own.
 */
function foreignHost({ host }: Call, { domain, hostName }: AccessRules): Refusal | undefined {
  const name = nameOf(host);
  if (name === undefined)
    return {
      status: 400,
      error: 'the Host header names no host',
      remedy: 'send one, as every HTTP/1.1 client does',
    };
  const known = [...PRIVATE_NAMES, ...(domain ? [domain] : [])].map((suffix) => suffix.toLowerCase());
  const ours =
    isIP(name) !== 0 ||
    !name.includes('.') ||
    name === hostName.toLowerCase() ||
    known.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
  if (ours) return undefined;
  return {
    status: 403,
    error: `the page and the API are not answered under the name ${name}, which anybody could have pointed here`,
    remedy:
      'use the address of the server (http://10.99.0.1/), its host name, or a name under DOMAIN in .env',
  };
}

/** "[fe80::1]:80" → "fe80::1", "Server.lan.:8080" → "server.lan". */
function nameOf(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d+)?$/i.exec(host ?? '') ?? [];
  const name = (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
  return name === '' ? undefined : name;
}

/** A page of another site must neither read nor write, whatever the browser would let it. */
function foreignPage({ method, host, origin, fetchSite, fetchMode }: Call): Refusal | undefined {
  const sameOrigin = origin === undefined || isOriginOf(origin, host);
  // A link on another site may lead here: the browser then shows our page, and that site learns nothing.
  const link = READING.includes(method) && fetchMode === 'navigate';
  const sameSite = fetchSite === undefined || ['same-origin', 'none'].includes(fetchSite) || link;
  if (sameOrigin && sameSite) return undefined;
  return {
    status: 403,
    error: `calls from pages of other sites are not answered${origin === undefined ? '' : ` (this one is of ${origin})`}`,
    remedy: 'call from a program, or from the page of this server',
  };
}

function isOriginOf(origin: string, host: string | undefined): boolean {
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  const own = `${protocol}//${host ?? ''}`;
  return URL.canParse(own) && from === new URL(own).host;
}

/** Writing takes being there, or the token; and JSON, which no HTML form can send. */
function foreignWriter(call: Call, rules: AccessRules): Refusal | undefined {
  if (READING.includes(call.method)) return undefined;
  return notAllowed(call, rules) ?? notJson(call);
}

function notAllowed({ address, authorization }: Call, rules: AccessRules): Refusal | undefined {
  const remedy = 'send Authorization: Bearer with the API_TOKEN of .env';
  if (rules.isToken && authorization !== undefined) {
    const presented = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (presented !== undefined && rules.isToken(presented)) return undefined;
    return { status: 401, error: 'the token is wrong', remedy };
  }
  if (isLocal(address, rules)) return undefined;
  const error = `${ipv4Of(address)} is neither on the served network nor this host, so it may only read`;
  return rules.isToken
    ? { status: 401, error, remedy }
    : { status: 403, error, remedy: `call from there, or set API_TOKEN in .env and ${remedy}` };
}

function notJson({ contentType }: Call): Refusal | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return undefined;
  return {
    status: 415,
    error: 'a call that changes something has to be JSON',
    remedy: 'send Content-Type: application/json and a JSON object, {} where there is nothing to say',
  };
}
