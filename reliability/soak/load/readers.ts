import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../test/fuzz/random.ts';
import type { LoadOrder } from './program.ts';
import type { Tally } from './tally.ts';

/** None of the pool. */
const READER = '10.88.0.240';
const SILENCE_MS = 20_000;
const PAUSE_MS = 1500;
const METRICS_EVERY_MS = 5000;
const LISTEN_MS = 20_000;

const PATHS = [
  '/',
  '/api/machines',
  '/api/leases',
  '/api/images',
  '/api/appliance',
  '/api/health',
  '/api/log?limit=200',
  '/healthz',
  '/infrakit.ipxe',
];

/** People and programs that look: the page, the API, events, metrics, files. */
export function keepReading({ server, extras, seed }: LoadOrder, tally: Tally): void {
  const random = new Random(seed ^ 0x5eed);
  const ask = async (path: string, fine: readonly number[] = [200], ms?: number) => {
    const status = await read(server, path, ms).catch((error: Error) => error.message);
    if (fine.includes(status as number)) tally.answered();
    else tally.unanswered(`GET ${path}: ${status}`);
  };
  void forever(PAUSE_MS, () => ask(random.pick(PATHS)));
  // They come and go: 404 is an answer, too.
  void forever(2 * PAUSE_MS, () => ask(`/${random.pick(extras)}`, [200, 404]));
  void forever(METRICS_EVERY_MS, () => ask('/metrics'));
  for (const pause of [100, 5000]) void forever(pause, () => ask('/events', [200], LISTEN_MS));
}

async function forever(pause: number, act: () => Promise<void>): Promise<never> {
  for (;;) {
    await act();
    await sleep(pause);
  }
}

/** @param ms breaks the answer off after so long, which is what a page does with events. @returns the status. */
function read(host: string, path: string, ms?: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host, path, localAddress: READER, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('end', () => resolve(status));
      response.on('error', () => (ms ? resolve(status) : reject(new Error('broken off'))));
      if (ms) setTimeout(() => request.destroy(), ms);
    });
    request.setTimeout(SILENCE_MS + (ms ?? 0), () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}
