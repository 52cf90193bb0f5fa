import type { Event, Sink } from '../journal/event.ts';
import type { ForeignServer } from '../journal/foreign-events.ts';
import type { Probe } from './probe.ts';

export type ServedMode = 'server' | 'proxy';

export interface WatchOptions {
  readonly mode: ServedMode;
  readonly adapter: string;
  readonly probe: Pick<Probe, 'run'>;
  readonly sink: Sink;
  /** From 0 up to 1: so that two appliances do not ask in step for ever. */
  readonly random: () => number;
  /** Rejects when `stop` is aborted. */
  readonly wait: (milliseconds: number, stop: AbortSignal) => Promise<void>;
}

/** A switch port with spanning tree is deaf for the first 30 s. */
const SECOND_LOOK_MS = 45_000;
const LOOK_AGAIN_MS = 300_000;
const JITTER_MS = 60_000;

/**
 * Looks for other servers while this one serves, and tells what an operator has to know of them. A server of addresses looks again every
 * few minutes; a proxy, whose mode holds until it is started again, looks once.
 */
export class ForeignWatch {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #looking: Promise<readonly ForeignServer[]> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** @param known what a look just before has found; without it the first one is taken at once. */
  start(known?: readonly ForeignServer[]): void {
    // Nothing but a stop ends it early.
    this.#running = this.#run(known).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * Looks now, besides the looks that are due, or takes part in one that is under way.
   * @throws Error where nobody can be asked.
   */
  look(): Promise<readonly ForeignServer[]> {
    this.#looking ??= this.#ask().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #run(known: readonly ForeignServer[] | undefined): Promise<void> {
    const { mode, random, wait } = this.#options;
    if (known) this.#tell(known);
    else await this.#look();
    for (let pause = SECOND_LOOK_MS; mode === 'server'; pause = LOOK_AGAIN_MS) {
      await wait(pause + random() * JITTER_MS, this.#stop.signal);
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      const reason = (error as Error).message;
      if (!this.#stop.signal.aborted) this.#options.sink({ kind: 'dhcp.look-failed', reason });
    }
  }

  async #ask(): Promise<readonly ForeignServer[]> {
    const found = await this.#options.probe.run(this.#stop.signal);
    this.#tell(found);
    return found;
  }

  #tell(found: readonly ForeignServer[]): void {
    for (const event of remarksOn(found, this.#options)) this.#options.sink(event);
  }
}

/** What is worth saying of the other servers on the network. */
export function remarksOn(
  servers: readonly ForeignServer[],
  { mode, adapter }: Pick<WatchOptions, 'mode' | 'adapter'>,
): Event[] {
  if (mode === 'server')
    return servers.length === 0 ? [] : [{ kind: 'dhcp.foreign-server', servers, chosen: false }];
  const rivals = servers.filter(({ boots }) => boots.length > 0);
  return [
    ...(servers.some(({ offered }) => offered)
      ? []
      : [{ kind: 'dhcp.nobody-gives-addresses', adapter } as const]),
    ...rivals.map((found) => ({ kind: 'dhcp.boot-rival', found }) as const),
  ];
}
