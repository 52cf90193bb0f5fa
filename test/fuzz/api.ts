import assert from 'node:assert/strict';
import { captured } from '../fixtures/dhcp.ts';
import { Running, TOKEN } from '../http/api/running.ts';
import { KNOWING, MAC } from '../http/api/samples.ts';
import { exchange } from './http-client.ts';
import { isHead, makeRequest, ODD_HEADERS, ODD_PIECES, type Table, WHOLE } from './http-inputs.ts';
import type { Random } from './random.ts';
import { answered, exchangeAny } from './short-path.ts';
import type { Target, Trial } from './target.ts';

const CAPTURED = captured('ovmf-pxe-ipxe')[0]!.bytes.toString('hex');

const TABLE: Table = {
  methods: ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'],
  paths: [
    ...['appliance', 'health', 'machines', 'leases', 'images', 'log', 'openapi.json', '', 'none'].map((name) => `api/${name}`),
    `api/machines/${MAC}`, `api/machines/${MAC}/packets?attempt=1&from=0`, `api/machines/${MAC}/script`, 'api/machines/52-54-00-12-34-56',
    'api/log?level=warn&limit=3', `api/log?mac=${MAC}&service=dhcp&before=5`, 'api/leases/10.0.0.10/release', 'api/leases/999/release',
    `api/explain?mac=${MAC}`, `api/explain?mac=${MAC}&firmware=ipxe&architecture=7`, `api/explain?packet=${CAPTURED}`, 'metrics', 'events', '',
    'page/main.ts', 'page/none',
  ], // biome-ignore format: a table
  pieces: [
    ...ODD_PIECES,
    'mac=',
    'attempt=',
    'limit=0',
    'architecture=70000',
    'packet=00',
    '[]',
    '%5b%5d=1',
    MAC,
  ],
  headers: [
    ...ODD_HEADERS, `Authorization: Bearer ${TOKEN}`, 'Authorization: Bearer x', 'Authorization: x', 'Origin: http://127.0.0.1', 'Origin: http://evil',
    'Origin: null', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate', 'Content-Encoding: gzip', 'Host: evil',
  ], // biome-ignore format: a table
  bodies: ['{}', '[]', 'null', '{"a":', '{"__proto__":{"x":1}}', `{"x":"${'y'.repeat(300)}"}`, '"x"', ' '],
};

/** The API, its events, metrics and page behind the guard, with journals that know something and a dhcp to ask. */
class ApiTrial implements Trial {
  readonly together = 128;
  readonly seeds = [
    Buffer.from(`${String.fromCharCode(WHOLE)}GET /api/machines HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
  ];
  readonly #running: Running;
  #inputs: Uint8Array[] = [];

  constructor(running: Running) {
    this.#running = running;
  }

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    return makeRequest(random, corpus, TABLE);
  }

  feed(input: Uint8Array): string {
    this.#inputs.push(input);
    return '';
  }

  async settle(): Promise<void> {
    const { port, events, told } = this.#running;
    const inputs = this.#inputs.splice(0);
    const whole = inputs.filter(([kind]) => kind === WHOLE).map((input) => input.subarray(1));
    const answers = await exchange(port, whole, isHead);
    for (const [index, request] of whole.entries()) answered(request, answers[index]);
    const any = inputs.filter(([kind]) => kind !== WHOLE);
    await Promise.all(any.map((input) => exchangeAny(port, input.subarray(1))));
    told.length = 0;
    const failed = events.splice(0).find(({ kind }) => kind === 'http.failed');
    assert.equal(failed, undefined, JSON.stringify(failed));
  }

  async end(): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }
}

async function begin(): Promise<Trial> {
  const running = await new Running().start({ observed: KNOWING, token: TOKEN });
  await running.dhcp();
  return new ApiTrial(running);
}

export const api: Target = { name: 'api', begin };
