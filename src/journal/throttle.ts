import type { Event, Sink } from './event.ts';

/** How many events of a kind are worth a line in one period of so many milliseconds. */
export interface Allowance {
  readonly events: number;
  readonly period: number;
}

/**
 * Holds back what anyone can cause at will with packets of their own making: so many events of a kind in a period pass, and with
 * the first one of a later period comes the number of those that were left out. Kinds without an allowance always pass.
 */
export function throttle(
  sink: Sink,
  monotonic: () => number,
  allowances: Partial<Record<Event['kind'], Allowance>>,
): Sink {
  const periods = new Map<string, { since: number; passed: number; left: number }>();
  return (event) => {
    const allowance = allowances[event.kind];
    if (!allowance) return sink(event);
    const now = monotonic();
    let current = periods.get(event.kind);
    if (!current || now - current.since >= allowance.period) {
      if (current && current.left > 0)
        sink({ kind: 'config.left-out', of: event.kind, events: current.left });
      current = { since: now, passed: 0, left: 0 };
      periods.set(event.kind, current);
    }
    if (current.passed >= allowance.events) {
      current.left += 1;
      return;
    }
    current.passed += 1;
    sink(event);
  };
}
