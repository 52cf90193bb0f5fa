import type { Event } from '../event.ts';

export interface Entry {
  readonly at: number;
  readonly event: Event;
}

/** Events that are not in the journal: the first and the last moment, and how many. */
export interface Lost {
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

export interface QueueLimits {
  readonly events: number;
  /** Characters and bytes that the events hold, roughly. */
  readonly weight: number;
}

export const QUEUE_LIMITS: QueueLimits = { events: 20_000, weight: 32e6 };

/** What waits to be written. What does not fit is lost, and counted. */
export class Queue {
  readonly #limits: QueueLimits;
  #entries: Entry[] = [];
  #weight = 0;
  #lost: Lost | undefined;

  constructor(limits: QueueLimits = QUEUE_LIMITS) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#entries.length;
  }

  push(at: number, event: Event): void {
    const { events, weight } = this.#limits;
    if (this.#entries.length >= events || this.#weight >= weight) {
      this.lose({ from: at, to: at, events: 1 });
      return;
    }
    this.#weight += weightOf(event);
    this.#entries.push({ at, event: owned(event) });
  }

  /** The oldest, so many at most. */
  take(most: number): Entry[] {
    const taken = this.#entries.slice(0, most);
    this.#entries = this.#entries.slice(most);
    if (this.#entries.length === 0) this.#weight = 0;
    else for (const { event } of taken) this.#weight -= weightOf(event);
    return taken;
  }

  /** Adds to what was lost since {@link takeLost}. */
  lose({ from, to, events }: Lost): void {
    const before = this.#lost ?? { from, to, events: 0 };
    this.#lost = {
      from: Math.min(before.from, from),
      to: Math.max(before.to, to),
      events: before.events + events,
    };
  }

  takeLost(): Lost | undefined {
    const lost = this.#lost;
    this.#lost = undefined;
    return lost;
  }
}

/** A packet's bytes are those of the socket that received it, and soon another packet's. */
function owned(event: Event): Event {
  return event.kind === 'dhcp.packet' ? { ...event, bytes: new Uint8Array(event.bytes) } : event;
}

/** Only what strangers can make large counts: packets and the names in requests. */
function weightOf(event: Event): number {
  if (event.kind === 'dhcp.packet') return event.bytes.length;
  if ('request' in event) return event.request.length;
  if ('name' in event) return event.name.length;
  return 'file' in event ? (event.file?.length ?? 0) : 0;
}
