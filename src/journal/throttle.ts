import type { Event, Sink } from './event.ts';

/**
 * Lets an event through once in its period, so that a storm is told once and not once a packet.
 * `periods` are milliseconds by kind; kinds without one always pass.
 */
export function throttle(
  sink: Sink,
  monotonic: () => number,
  periods: Partial<Record<Event['kind'], number>>,
): Sink {
  const told = new Map<string, number>();
  return (event) => {
    const period = periods[event.kind];
    if (period === undefined) return sink(event);
    const now = monotonic();
    if (told.has(event.kind) && now - told.get(event.kind)! < period) return;
    told.set(event.kind, now);
    sink(event);
  };
}
