import type { Conditions } from './conditions.ts';

/** The head of a request as machines send it. */
export interface RequestHead {
  readonly method: 'GET' | 'HEAD';
  /** A path without escapes, as in the request line. */
  readonly target: string;
  readonly conditions: Conditions;
  /** Whether the connection stays open behind the answer. */
  readonly keepAlive: boolean;
  /** Where the next request begins. */
  readonly end: number;
}

/** Larger heads are no machine's. */
const LARGEST = 4096;
const REQUEST_LINE = /^(GET|HEAD) (\/[\w.~+,=@:/-]*) HTTP\/1\.([01])$/;
const HEADER = /^([A-Za-z0-9-]+):[ ]*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?|)[ ]*$/;

/** Headers that make a request more than the fetching of a file. */
const NOT_FOR_FILES: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'trailer',
  'te',
  'proxy-connection',
  'http2-settings',
]);

/** Headers that have a say in the answer; one that comes twice is not read here. */
const READ: Readonly<Record<string, keyof Conditions | 'host' | 'connection'>> = {
  host: 'host',
  connection: 'connection',
  range: 'range',
  'if-range': 'ifRange',
  'if-none-match': 'ifNoneMatch',
  'if-modified-since': 'ifModifiedSince',
  'cache-control': 'cacheControl',
};

type Read = { -readonly [K in keyof Conditions | 'host' | 'connection']?: string };

/**
 * Reads one request at `from` where it is complete and just as HTTP/1.x's grammar has it (RFC 9112 §3–5), without a body. undefined for
 * everything else, from unusual to malformed: that is for a complete parser to judge.
 */
export function readHead(bytes: Buffer, from: number): RequestHead | undefined {
  const text = bytes.toString('latin1', from, Math.min(bytes.length, from + LARGEST));
  const length = text.indexOf('\r\n\r\n');
  if (length < 0) return undefined;
  let lineEnd = text.indexOf('\r\n');
  const request = REQUEST_LINE.exec(text.slice(0, lineEnd));
  if (!request) return undefined;
  const read: Read = {};
  while (lineEnd < length) {
    const start = lineEnd + 2;
    lineEnd = text.indexOf('\r\n', start);
    const header = HEADER.exec(text.slice(start, lineEnd));
    if (!header) return undefined;
    const name = header[1]!.toLowerCase();
    if (NOT_FOR_FILES.has(name)) return undefined;
    const field = Object.hasOwn(READ, name) ? READ[name]! : undefined;
    if (field === undefined) continue;
    if (read[field] !== undefined) return undefined;
    read[field] = header[2]!;
  }
  const keepAlive = staysOpen(request[3] === '1', read);
  if (keepAlive === undefined) return undefined;
  const [, method, target] = request;
  const end = from + length + 4;
  return { method: method as RequestHead['method'], target: target!, conditions: read, keepAlive, end };
}

/** undefined where that, or the lack of a Host, takes a complete parser. */
function staysOpen(is11: boolean, { host, connection }: Read): boolean | undefined {
  if (!is11) return connection === undefined ? false : undefined;
  if (host === undefined) return undefined;
  const option = connection?.toLowerCase() ?? 'keep-alive';
  return option === 'keep-alive' ? true : option === 'close' ? false : undefined;
}
