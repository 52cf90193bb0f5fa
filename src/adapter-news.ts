import type { Resolution } from './config/resolve.ts';
import type { Event, Sink } from './journal/event.ts';
import { render } from './journal/render.ts';

/** Lines on one adapter in so many milliseconds. */
const FLAPPING = { events: 10, period: 60_000 };

/** What there is to say of the adapter of a service, each state once. */
export class AdapterNews {
  readonly #sink: Sink;
  /** It has no carrier until a machine is plugged in. */
  readonly #isOwnBridge: boolean;
  readonly #monotonic: () => number;
  /** What was told of it last. */
  #told = 'up';
  #hindrance: string | undefined;
  /** When something was told. */
  #recent: number[] = [];

  constructor(sink: Sink, isOwnBridge: boolean, monotonic: () => number) {
    this.#sink = sink;
    this.#isOwnBridge = isOwnBridge;
    this.#monotonic = monotonic;
  }

  /** Why nobody can be heard, though the service runs. */
  get hindrance(): string | undefined {
    return this.#hindrance;
  }

  /** The service does not run any more, or runs anew. */
  clear(): void {
    this.#hindrance = undefined;
  }

  /** How it is while the service runs. */
  look(now: Resolution): void {
    if (now.state === 'wrong') return;
    if (now.state === 'waiting') {
      this.#hindrance = render(now.event).text;
      if (this.#told !== this.#hindrance && this.tell(now.event)) this.#told = this.#hindrance;
      return;
    }
    const { name, up, carrier } = now.profile.adapter;
    const link = !up ? 'down' : carrier || this.#isOwnBridge ? 'up' : 'no carrier';
    const event = { kind: 'config.link', adapter: name, link } as const;
    this.#hindrance = up ? undefined : render(event).text;
    if (link !== this.#told && this.tell(event)) this.#told = link;
  }

  /** One that flaps is told some times a minute; what has become of it in the end is told then. @returns false where it was not told. */
  tell(event: Event): boolean {
    const now = this.#monotonic();
    this.#recent = this.#recent.filter((at) => now - at < FLAPPING.period);
    if (this.#recent.length >= FLAPPING.events) return false;
    this.#recent.push(now);
    this.#sink(event);
    return true;
  }
}
