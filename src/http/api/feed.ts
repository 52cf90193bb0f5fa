import type { ServerResponse } from 'node:http';
import type { Note } from '../limited.ts';
import type { Observed } from '../observer/observed.ts';
import type { Health } from './shapes.ts';

export interface FeedParts {
  readonly version: string;
  readonly observed: Pick<Observed, 'onChange' | 'wantFrames'>;
  readonly health: () => Promise<Health>;
  /** All that is known of images/: where it differs from what it was, listeners load it anew. */
  readonly images: () => unknown;
  /** How many may listen. */
  readonly most: number;
  readonly note: Note;
}

/** Where a listener hears from: the part of a response that is needed. */
export type Outlet = Pick<ServerResponse, 'write' | 'writableLength' | 'on'>;

/** So much may wait for a listener that reads slowly; then it is skipped, and loads anew once it has caught up. */
const UNREAD_AT_MOST = 1_000_000;
const HEARTBEAT_MS = 15_000;
const LOOK_MS = 3_000;
/** Browsers come back after so many milliseconds. */
const RETRY_MS = 2000;

/** Tells all who listen what changes, each change as one text made once. Does nothing while nobody listens. */
export class Feed {
  readonly #parts: FeedParts;
  /** Those that are `behind` have been skipped since they had too much unread. */
  readonly #listeners = new Map<Outlet, { readonly address: string; behind: boolean }>();
  readonly #hello: string;
  #timers: NodeJS.Timeout[] = [];
  #health = '';
  #images = '';
  #unlisten: () => void = () => undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#hello = frame('hello', JSON.stringify({ version: parts.version }));
  }

  /** How many follow already, in all or from this address, where that leaves no place for one more. */
  takenBy(address: string): number | undefined {
    const { most, note } = this.#parts;
    const own = [...this.#listeners.values()].filter((one) => one.address === address).length;
    const limit =
      this.#listeners.size >= most ? 'listeners' : own >= share(most) ? 'listeners per address' : undefined;
    if (!limit) return undefined;
    note(limit, address);
    return limit === 'listeners' ? most : own;
  }

  /** Adds a listener; it is let go when it closes. */
  add(outlet: Outlet, address: string): void {
    this.#listeners.set(outlet, { address, behind: false });
    outlet.on('close', () => this.#remove(outlet));
    outlet.write(`retry: ${RETRY_MS}\n\n${this.#hello}${this.#health}`);
    if (this.#listeners.size === 1) this.#begin();
  }

  /** Forgets all listeners; their connections are closed by the server. */
  stop(): void {
    this.#listeners.clear();
    this.#end();
  }

  #remove(outlet: Outlet): void {
    if (this.#listeners.delete(outlet) && this.#listeners.size === 0) this.#end();
  }

  #begin(): void {
    const { observed } = this.#parts;
    this.#unlisten = observed.onChange(({ anew, frames }) => {
      const text = frames.map(({ event, data }) => frame(event, data)).join('');
      this.#tell(anew ? this.#hello + text : text);
    });
    observed.wantFrames(true);
    void this.#tellHealth();
    this.#images = JSON.stringify(this.#parts.images());
    this.#timers = [
      setInterval(() => this.#tell(': still here\n\n'), HEARTBEAT_MS).unref(),
      setInterval(() => this.#look(), LOOK_MS).unref(),
    ];
  }

  #end(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#unlisten();
    this.#parts.observed.wantFrames(false);
    this.#health = '';
  }

  #look(): void {
    void this.#tellHealth();
    const images = JSON.stringify(this.#parts.images());
    if (images !== this.#images) this.#tell(frame('images', '{}'));
    this.#images = images;
  }

  async #tellHealth(): Promise<void> {
    const health = await this.#parts.health().catch(() => undefined);
    if (health === undefined) return;
    const text = frame('health', JSON.stringify(health));
    if (text === this.#health) return;
    this.#health = text;
    this.#tell(text);
  }

  #tell(text: string): void {
    if (text === '') return;
    for (const [outlet, state] of this.#listeners) {
      if (outlet.writableLength > UNREAD_AT_MOST) state.behind = true;
      if (state.behind && outlet.writableLength > 0) continue;
      outlet.write(state.behind ? this.#hello + this.#health : text);
      state.behind = false;
    }
  }
}

/** What one address may have of so many. */
export function share(most: number): number {
  return Math.ceil(most / 4);
}

/** JSON has no line breaks of its own, so one line of data is enough. */
function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
