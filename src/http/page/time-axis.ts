/** The axis of a timeline. Pure. */

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map(
  (seconds) => seconds * 1000,
);

export interface Axis {
  /** Milliseconds since 1970 at both ends. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds from the start, the first 0. */
  readonly ticks: readonly number[];
}

/** An axis with no more than `most` ticks at round times. */
export function axisOf(from: number, to: number, most = 7): Axis {
  const span = Math.max(to - from, 500);
  const step = STEPS.find((each) => span / each <= most) ?? Math.ceil(span / most / 3_600_000) * 3_600_000;
  const ticks = Array.from({ length: Math.floor(span / step) + 1 }, (_, count) => count * step);
  return { from, to: from + span, ticks };
}

/** Where a time is on the axis, in percent of its length. */
export function place({ from, to }: Axis, at: number): number {
  return Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));
}

/** "0", "0.5 s", "20 s", "2 min". */
export function tickText(ms: number): string {
  if (ms === 0) return '0';
  if (ms < 60_000) return `${ms / 1000} s`;
  return ms % 60_000 === 0
    ? `${ms / 60_000} min`
    : `${Math.floor(ms / 60_000)}:${String((ms / 1000) % 60).padStart(2, '0')}`;
}
