// Loaded before everything else in each thread of a service (NODE_OPTIONS=--import): a thread throws what nobody catches as soon as there is a
// file named after its script in the folder BREAK_THREADS, `workers-worker.ts` for `…/workers/worker.ts`.
import { rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LOOK_MS = 20;

const script = process.argv[1] ?? '';
const sign = join(process.env.BREAK_THREADS ?? '', `${basename(dirname(script))}-${basename(script)}`);

setInterval(() => {
  if (!statSync(sign, { throwIfNoEntry: false })) return;
  rmSync(sign);
  throw new Error('broken by a test');
}, LOOK_MS).unref();
