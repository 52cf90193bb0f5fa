import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import { Rig } from '../http/rig.ts';
import { content } from '../tftp/rig.ts';
import { type Answer, exchange } from './http-client.ts';
import { isHead, makeRequest, ODD_HEADERS, ODD_PIECES, type Table, WHOLE } from './http-inputs.ts';
import type { Random } from './random.ts';
import type { Target, Trial } from './target.ts';

const FILES = { vmlinuz: 700, 'initrd.img': 20_000, empty: 0, 'sub/snponly.efi': 3000, 'a+b@c=1,~.bin': 10 };
/** Of so many requests one is answered on both paths. */
const COMPARED = 4;
const MODIFIED = new Date('2026-01-02T03:04:05Z');

const TABLE: Table = {
  methods: ['GET', 'HEAD', 'GET', 'GET', 'POST', 'PUT', 'OPTIONS'],
  paths: [
    ...Object.keys(FILES),
    ...Array<string>(6).fill('infrakit.ipxe'),
    'autoexec.ipxe',
    'grub/grub.cfg',
    'none',
    'sub',
    'healthz',
    'page/main.ts',
  ],
  pieces: ODD_PIECES,
  headers: [
    ...ODD_HEADERS,
    'Range: bytes=0-0', 'Range: bytes=5-', 'Range: bytes=-5', 'range: bytes=0-99999999999999999999', 'Range: bytes=9-2', 'Range: bytes=1-2,4-5',
    'Range: x', 'Range: bytes=700-', 'If-Range: "x"', `If-Range: ${MODIFIED.toUTCString()}`, `If-Modified-Since: ${MODIFIED.toUTCString()}`,
    'If-Modified-Since: x', 'If-None-Match: *', 'If-None-Match: "a", W/"b"', 'Cache-Control: no-cache', 'Cache-Control: max-age=0',
  ], // biome-ignore format: a table
  bodies: ['{}', 'x'],
};

/** What takes a connection to the complete parser and changes nothing else. */
const TAKEN_OVER = Buffer.from('TE: trailers\r\n');

/** Requests for machines' files: the short path answers as node:http and express do, or leaves it to them. */
class ShortPath implements Trial {
  readonly together = 128;
  readonly seeds = [Buffer.from(`${String.fromCharCode(WHOLE)}GET /vmlinuz HTTP/1.1\r\nHost: x\r\n\r\n`)];
  readonly #rig: Rig;
  #requests: Uint8Array[] = [];

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeRequest(random, corpus, TABLE);
  }

  feed(input: Uint8Array): string {
    this.#requests.push(input);
    return '';
  }

  async settle(): Promise<void> {
    const { port } = this.#rig.service;
    const inputs = this.#requests.splice(0);
    const whole = inputs.filter(([kind]) => kind === WHOLE).map((input) => input.subarray(1));
    // Files are opened for every answer, which is what all of this costs most.
    const compared = whole.filter(({ length }) => length % COMPARED === 0);
    const others = whole.filter(({ length }) => length % COMPARED !== 0);
    const [short, complete, rest] = await Promise.all([
      exchange(port, compared, isHead),
      exchange(port, compared.map(takenOver), isHead),
      exchange(port, others, isHead),
    ]);
    for (const [index, request] of compared.entries()) this.#same(request, short[index], complete[index]);
    for (const [index, request] of others.entries()) answered(request, rest[index]);
    const any = inputs.filter(([kind]) => kind !== WHOLE);
    await Promise.all(any.map((input) => exchangeAny(port, input.subarray(1))));
    const failed = this.#rig.events.splice(0).find(({ kind }) => kind === 'http.failed');
    assert.equal(failed, undefined, JSON.stringify(failed));
  }

  async end(): Promise<void> {
    await this.#rig[Symbol.asyncDispose]();
  }

  #same(request: Uint8Array, short: Answer | undefined, complete: Answer | undefined): void {
    answered(request, short);
    assert.deepEqual(short, complete, shown(request));
  }
}

/** Whole requests are answered, whatever with; a fault of the server's is no answer. */
export function answered(request: Uint8Array, answer: Answer | undefined): void {
  assert.ok(answer && answer.status !== 500, `${answer?.status} ${answer?.body}: ${shown(request)}`);
}

const shown = (request: Uint8Array) => JSON.stringify(Buffer.from(request).toString('latin1'));

/** Bytes that may be anything: they get an answer of some kind, or the connection ends. */
export async function exchangeAny(port: number, bytes: Uint8Array): Promise<void> {
  for (const answer of await exchange(port, [bytes], isHead, false))
    assert.notEqual(answer?.status, 500, shown(bytes));
}

function takenOver(request: Uint8Array): Uint8Array {
  const at = request.indexOf(10) + 1;
  return Buffer.concat([request.subarray(0, at), TAKEN_OVER, request.subarray(at)]);
}

async function begin(threads: number): Promise<Trial> {
  const rig = new Rig();
  mkdirSync(rig.images.at('sub'));
  for (const [name, size] of Object.entries(FILES)) {
    rig.images.write(name, content(0, size));
    utimesSync(rig.images.at(name), MODIFIED, MODIFIED);
  }
  return new ShortPath(await rig.start({ kernel: 'vmlinuz', initrd: ['initrd.img'] }, { threads }));
}

export const shortPath: Target = { name: 'http-files', begin: () => begin(1) };
export const threadedPath: Target = { name: 'http-threads', begin: () => begin(3) };
