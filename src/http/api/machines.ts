import { Router } from 'express';
import type { Machine } from '../../journal/timeline/model.ts';
import { type Observed, ObserverError } from '../observer/observed.ts';
import { ApiFailure } from './failure.ts';
import { macOf, Query } from './query.ts';
import type { PacketInWords } from './shapes.ts';
import { sharedAnswer } from './shared-answer.ts';

type MachineParts = { readonly observed: Pick<Observed, 'machines' | 'machine' | 'packets'> };

/** Thousands of machines are megabytes of text. */
const REUSED_MS = 250;

/** GET /machines, /machines/:mac and /machines/:mac/packets?attempt=… or from=…&to=… */
export function machineRoutes({ observed }: MachineParts): Router {
  const router = Router();
  const summaries = sharedAnswer(async () => JSON.stringify(await observed.machines()), REUSED_MS);
  router.get('/machines', async (_request, response) => {
    response.type('json').send(await answered(summaries()));
  });
  router.get('/machines/:mac', async (request, response) => {
    response.json(await machineOf(observed, request.params.mac));
  });
  router.get('/machines/:mac/packets', async (request, response) => {
    const query = new Query(request.url, ['attempt', 'from', 'to']);
    response.json(await packetsOf(observed, request.params.mac, query));
  });
  return router;
}

/** @throws ApiFailure 404 where the journal does not know it. */
async function machineOf(observed: MachineParts['observed'], text: string): Promise<Machine> {
  const mac = macOf(text);
  const machine = await answered(observed.machine(mac));
  if (machine) return machine;
  throw new ApiFailure(
    404,
    `no machine ${mac} is known`,
    'see /api/machines for those that are; one that asks for nothing, or whose requests do not arrive here, is not',
  );
}

/** A packet is told of before what it leads to, and a reply after: an attempt begins with a message that was understood. */
const BEFORE_MS = 50;

async function packetsOf(
  observed: MachineParts['observed'],
  text: string,
  query: Query,
): Promise<readonly PacketInWords[]> {
  const attempt = query.text('attempt');
  const from = query.number('from', 0, Number.MAX_SAFE_INTEGER);
  const to = query.number('to', 0, Number.MAX_SAFE_INTEGER);
  if (attempt === undefined)
    return answered(observed.packets(macOf(text), from ?? 0, to ?? Number.MAX_SAFE_INTEGER));
  if (from !== undefined || to !== undefined)
    throw new ApiFailure(400, 'attempt is given together with from or to', 'give the attempt, or a time');
  const { mac, history } = await machineOf(observed, text);
  const found = history.find(({ id }) => id === attempt);
  if (!found)
    throw new ApiFailure(
      404,
      `${mac} has no attempt ${JSON.stringify(attempt)}`,
      `see /api/machines/${mac} for those that are kept`,
    );
  return answered(observed.packets(mac, found.from - BEFORE_MS, found.to + BEFORE_MS));
}

/** A reader that is just being started anew is no fault of whoever asks. */
export function answered<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    if (!(error instanceof ObserverError)) throw error;
    throw new ApiFailure(503, error.message, 'ask again in a few seconds');
  });
}
