import net, { type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { BlockCache } from '../../assets/blocks.ts';
import { openImages } from '../../assets/images.ts';
import type { Event } from '../../journal/event.ts';
import { systemClock } from '../../platform/clock.ts';
import { collectWhenIdle } from '../../platform/idle-memory.ts';
import { loosen } from '../../platform/tcp-handover.ts';
import { IDLE_MS } from '../front.ts';
import { listenAlso } from '../listen.ts';
import { SeatCount } from '../seat-count.ts';
import { ShortPath } from '../short-path.ts';
import { HeardTexts } from './heard-texts.ts';
import { type Commission, nextTransfer, type Order, type Word } from './messages.ts';

/** A thread that answers machines on the short path; connections that need more move to the main thread. */
collectWhenIdle();
const { place, paths, cacheLimit, cells, limits, seatCells } = workerData as Commission;
const port = parentPort!;
const tell = (word: Word) => port.postMessage(word);

const stopping = new AbortController();

let untold: Event[] = [];

function sink(event: Event): void {
  if (untold.push(event) === 1) setImmediate(tellEvents);
}

function tellEvents(): void {
  if (untold.length === 0) return;
  tell({ kind: 'events', events: untold });
  untold = [];
}

const texts = new HeardTexts(cells, () => tell({ kind: 'ask' }));
const path = new ShortPath({
  images: openImages(paths, sink, new BlockCache({ limit: cacheLimit })),
  generated: texts,
  sink,
  clock: systemClock,
  next: () => nextTransfer(cells),
  handOver: (socket) => void moveOut(socket),
  limits,
  count: new SeatCount(seatCells),
  cacheLimit,
});

/** What was sent on it before is told of by this thread, which alone knows how it goes. */
async function moveOut(socket: Socket): Promise<void> {
  const { deliveries } = path;
  socket.on('error', () => undefined);
  if (deliveries.has(socket)) {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    await deliveries.delivered(socket);
  }
  loosen(socket, (loose) => {
    tellEvents();
    tell({ kind: 'connection', loose });
  });
}

async function finish(): Promise<void> {
  await path.finish(stopping.signal);
  tellEvents();
  tell({ kind: 'finished' });
}

async function stop(): Promise<void> {
  stopping.abort();
  server.close();
  path.close();
  await path.transfers.settled();
  tellEvents();
  tell({ kind: 'stopped' });
}

const OBEY: { readonly [K in Order['kind']]: (order: Extract<Order, { kind: K }>) => void } = {
  texts: (order) => texts.hear(order.texts, order.answers),
  finish: () => void finish(),
  stop: () => void stop(),
};

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, path.accept);
port.on('message', (order: Order) => (OBEY[order.kind] as (order: Order) => void)(order));
path.start();
await listenAlso(server, place);
server.on('error', (error) => {
  sink({ kind: 'http.failed', address: place.host, request: 'listening', reason: error.message });
});
tell({ kind: 'listening' });
