import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink } from '../journal/event.ts';
import { removeLeftovers } from './atomic-write.ts';
import {
  fetchLoader,
  LoaderError,
  type LoaderRequest,
  loaderPath,
  presentLoader,
  type TftpRead,
} from './loader-fetch.ts';
import { hasPackaged } from './packaged.ts';
import { pauses } from './pauses.ts';
import { inWords } from './system-error.ts';

export interface LoaderKeeperOptions extends LoaderRequest {
  /** The folder of packaged loaders. */
  readonly loaders: string;
  readonly sink: Sink;
  readonly readTftp: TftpRead;
  /** 0 ≤ x < 1 */
  readonly random?: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const pausing = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal });

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 300_000;

/**
 * Sees to it that images/ has the loader: what the user put there stays, whatever it is; a missing one is fetched
 * until that succeeds. Meanwhile machines get the packaged one.
 */
export class LoaderKeeper {
  readonly #options: LoaderKeeperOptions;
  readonly #stopped = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(options: LoaderKeeperOptions) {
    this.#options = options;
  }

  start(): void {
    // Only the abort of a pause or a download by stop() leaves #run.
    this.#done = this.#run().catch(() => {});
  }

  /** Resolves when the loader is there, or after stop(). */
  get done(): Promise<void> {
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const { sink, wait = pausing, random = Math.random } = this.#options;
    const path = loaderPath(this.#options);
    await removeLeftovers(path);
    let attempt = 0;
    for (const pause of pauses({ first: FIRST_PAUSE, longest: LONGEST_PAUSE, random })) {
      const found = await presentLoader(this.#options);
      if (found.present) {
        if (found.trouble) sink({ kind: 'asset.loader.odd', path, trouble: found.trouble });
        else sink({ kind: 'asset.loader.ready', path });
        return;
      }
      attempt++;
      if (await this.#attempt(path, attempt, pause)) return;
      await wait(pause, signal);
    }
  }

  async #attempt(path: string, attempt: number, pause: number): Promise<boolean> {
    const { sink, loader, readTftp } = this.#options;
    sink({ kind: 'asset.loader.fetching', url: loader.url, attempt });
    try {
      const bytes = await fetchLoader(this.#options, readTftp, this.#stopped.signal);
      sink({ kind: 'asset.loader.fetched', url: loader.url, path, bytes });
      return true;
    } catch (error) {
      if (this.#stopped.signal.aborted) throw error;
      const reason = error instanceof LoaderError ? error.code : 'source';
      const message = inWords(error);
      const packaged = await hasPackaged(this.#options.loaders, loader.name);
      sink({
        kind: 'asset.loader.failed',
        name: loader.name,
        architecture: loader.architecture,
        reason,
        message,
        attempt,
        retryIn: pause,
        packaged,
      });
      return false;
    }
  }
}
