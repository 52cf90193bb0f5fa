import { mutate } from './mutate.ts';
import type { Random } from './random.ts';

/** The first byte of an input: whether the request is whole, so that others may follow on its connection, or any bytes at all. */
export const WHOLE = 1;
export const ANY = 0;

export interface Table {
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  readonly pieces: readonly string[];
  readonly headers: readonly string[];
  readonly bodies: readonly string[];
}

/** A request with words of the table, of which every 16th has lost its form. */
export function makeRequest(random: Random, corpus: readonly Uint8Array[], table: Table): Uint8Array {
  if (random.once(16)) {
    const base = random.once(2) ? random.pick(corpus).subarray(1) : whole(random, table);
    return Buffer.concat([Uint8Array.of(ANY), mutate(base, random, random.pick(corpus).subarray(1))]);
  }
  return Buffer.concat([Uint8Array.of(WHOLE), whole(random, table)]);
}

function whole(random: Random, { methods, paths, pieces, headers, bodies }: Table): Uint8Array {
  const method = random.once(3) ? random.pick(methods) : methods[0]!;
  let path = random.pick(paths);
  while (random.once(4)) {
    const at = random.int(path.length + 1);
    path = `${path.slice(0, at)}${random.pick(pieces)}${path.slice(at)}`;
  }
  const lines = random.once(20) ? [] : ['Host: 127.0.0.1'];
  for (let left = random.int(4); left > 0; left--) lines.push(random.pick(headers));
  const body = method === 'POST' || random.once(30) ? random.pick(bodies) : '';
  if (body) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  if (body && !random.once(4)) lines.push('Content-Type: application/json');
  const version = random.once(20) ? '1.0' : '1.1';
  const head = [`${method} /${path.replace(/^\/+/, '')} HTTP/${version}`, ...lines, '', ''].join('\r\n');
  return Buffer.from(head + body);
}

export const isHead = (request: Uint8Array) =>
  Buffer.from(request.subarray(0, 5)).toString('latin1') === 'HEAD ';

export const ODD_PIECES = [
  '/', '//', '..', '../', '%2e%2e', '%2f', '%5c', '%00', '%', '%zz', '%ff', '%c3%a4', '?', '?a=b&a=c', '&', ';', '=', '~', '+', '*', 'x', '.', "'",
  '%0d%0a', '__proto__', 'constructor', '-1', '99999999999999999999',
]; // biome-ignore format: a table

export const ODD_HEADERS = [
  'Connection: close', 'Connection: keep-alive', 'Connection: Keep-Alive', 'connection: close, x', 'User-Agent: iPXE/1.21.1', 'Accept: */*',
  'X-Forwarded-For: 10.0.0.9', 'Accept-Encoding: gzip', 'Cookie: a=b', 'X: ', 'X:\ty', 'x-y: \u00e4',
]; // biome-ignore format: a table
