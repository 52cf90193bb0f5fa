import { median, slope } from './slope.ts';

/** What a series may do once it is warm. */
export interface Bounds {
  /** Growth an hour; Infinity where it may grow as long as it stays below `most`. */
  readonly perHour: number;
  /** Growth that is no sign of anything, however short the run was: pages that were touched late, a collection that was not due yet. */
  readonly slack: number;
  /** Never more than this, warm or not. */
  readonly most: number;
}

export interface Verdict {
  /** Medians of the first and last quarter of what is judged. */
  readonly from: number;
  readonly to: number;
  readonly most: number;
  /** Theil–Sen, of what is judged. */
  readonly perHour: number;
  /** How much it has grown by that slope while it was judged, and how much it may. */
  readonly grown: number;
  readonly allowed: number;
  readonly flat: boolean;
}

/** The first third is warming up: code is compiled, caches fill. */
const WARM_UP = 1 / 3;

/**
 * Whether a series is flat.
 *
 * @param points seconds and values, in order of time; at least one.
 */
export function judge(
  points: readonly (readonly [at: number, value: number])[],
  { perHour, slack, most }: Bounds,
): Verdict {
  const [first, last] = [points[0]![0], points.at(-1)![0]];
  const warm = points.filter(([at]) => at >= first + (last - first) * WARM_UP);
  const values = warm.map(([, value]) => value);
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const hours = (last - warm[0]![0]) / 3600;
  const slopePerHour = slope(warm) * 3600;
  const grown = slopePerHour * hours;
  const allowed = Math.max(slack, perHour === Number.POSITIVE_INFINITY ? perHour : perHour * hours);
  const highest = Math.max(...points.map(([, value]) => value));
  return {
    from: median(values.slice(0, quarter)),
    to: median(values.slice(-quarter)),
    most: highest,
    perHour: slopePerHour,
    grown,
    allowed,
    flat: grown <= allowed && highest <= most,
  };
}
