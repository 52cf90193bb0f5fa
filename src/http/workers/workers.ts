import type { Images } from '../../assets/images.ts';
import type { Profile } from '../../config/profile.ts';
import type { Event, Sink } from '../../journal/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Loose } from '../../platform/tcp-handover.ts';
import type { GeneratedFiles } from '../generated-files.ts';
import type { Place } from '../listen.ts';
import type { Commission, Texts } from './messages.ts';
import { TextBoard } from './text-board.ts';
import { type OpenThread, openThread, Thread } from './thread.ts';

export interface WorkersParts {
  /** How many, besides the main thread. */
  readonly count: number;
  readonly place: Place;
  readonly paths: Profile['paths'];
  readonly cacheLimit: number;
  readonly cells: Int32Array;
  readonly limits: Commission['limits'];
  readonly seatCells: Int32Array;
  /** The main thread's own. */
  readonly images: Pick<Images, 'open'>;
  readonly generated: GeneratedFiles;
  readonly sink: Sink;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Takes connections that need the complete http server. */
  readonly take: (loose: Loose) => void;
  /** A test has its own hand on the threads. */
  readonly open?: OpenThread | undefined;
}

/** The threads that answer machines besides the main one: what they tell is told here, as if one thread had answered all. */
export class Workers {
  readonly #parts: WorkersParts;
  readonly #board: TextBoard;
  readonly #threads: readonly Thread[];

  constructor(parts: WorkersParts) {
    const {
      place,
      paths,
      cacheLimit,
      cells,
      limits,
      seatCells,
      generated,
      sink,
      clock,
      take,
      open = openThread,
    } = parts;
    this.#parts = parts;
    const { images, loaders } = paths;
    const commission: Commission = {
      place,
      paths: { images, loaders },
      cacheLimit,
      cells,
      limits,
      seatCells,
    };
    this.#board = new TextBoard(generated, cells, (texts) => this.#tell(texts));
    const texts = () => this.#board.current();
    const shared = { commission, sink, told: this.#told, monotonic: clock.monotonic, take, texts, open };
    this.#threads = Array.from({ length: parts.count }, () => new Thread(shared));
  }

  /** Returns at once; each answers as soon as it is ready, and the main thread meanwhile. */
  start(): void {
    this.#parts.generated.audience = this.#board;
    for (const thread of this.#threads) thread.start();
  }

  /** Transfers of all threads that are under way. */
  get underWay(): number {
    return this.#threads.reduce((sum, thread) => sum + thread.underWay, 0);
  }

  /** No transfer is begun from now on. Resolves when the last one is over, or `end` is aborted. */
  async finish(end: AbortSignal): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.finish(end)));
  }

  /** Resolves when the end of each transfer has been told. */
  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  #tell(texts: Texts): void {
    for (const thread of this.#threads) thread.order({ kind: 'texts', texts, answers: false });
  }

  /** Each thread would say it once. */
  readonly #told = (event: Event) => {
    if (event.kind !== 'asset.loader.packaged') return this.#parts.sink(event);
    this.#parts.images.open(event.name).then(
      (asset) => asset.close(),
      () => undefined,
    );
  };
}
