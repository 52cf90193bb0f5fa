import { readFileSync } from 'node:fs';
import os from 'node:os';
import { type Clock, systemClock } from './clock.ts';

/** Where time comes from. */
export interface TimeSources {
  /** The clock on the wall, which may be set at any moment. */
  readonly clock: Clock;
  /** Seconds since the host was started, those that it slept included. */
  readonly uptime: () => number;
}

const LOOK_EVERY_MS = 1000;
/** Seconds that clocks of one host may differ by, from rounding. */
const SLACK = 2;

/**
 * Seconds that nobody sets: those of the wall clock at the start, and from then on as the host counts them, also while it sleeps. Machines count
 * their leases so, whatever becomes of the date here.
 */
export class SteadyClock implements Clock {
  readonly #sources: TimeSources;
  /** Milliseconds from monotonic() to this clock. */
  #base: number;
  /** Seconds that the host had slept when it was last looked at: monotonic() leaves them out. */
  #slept: number;
  #looked: number;

  constructor(sources: TimeSources = { clock: systemClock, uptime: os.uptime }) {
    const { clock, uptime } = sources;
    this.#sources = sources;
    this.#looked = clock.monotonic();
    this.#base = clock.now() * 1000 - this.#looked;
    this.#slept = uptime() - this.#looked / 1000;
  }

  now(): number {
    const monotonic = this.monotonic();
    if (monotonic - this.#looked >= LOOK_EVERY_MS) this.#look(monotonic);
    return Math.floor((this.#base + monotonic) / 1000);
  }

  monotonic(): number {
    return this.#sources.clock.monotonic();
  }

  uptime(): number {
    return this.#sources.uptime();
  }

  /** Seconds by which the wall clock is ahead of this one, since it was set; 0 where it was not. */
  get set(): number {
    const ahead = this.#sources.clock.now() - this.now();
    return Math.abs(ahead) <= SLACK ? 0 : ahead;
  }

  #look(monotonic: number): void {
    this.#looked = monotonic;
    const slept = this.uptime() - monotonic / 1000;
    if (slept - this.#slept <= SLACK) return;
    this.#base += (slept - this.#slept) * 1000;
    this.#slept = slept;
  }
}

/** Tells this start of the host from others; empty where the kernel does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
