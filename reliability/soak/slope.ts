export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Enough for a good median of slopes; all pairs of a day's samples would be millions. */
const MOST_POINTS = 400;

/**
 * The median of the slopes between all pairs of points (Theil–Sen): up to a quarter of the points may be outliers, as heaps before and after a
 * collection are, without moving it. 0 where there are fewer than two points.
 */
export function slope(points: readonly (readonly [at: number, value: number])[]): number {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const some = points.filter((_, n) => n % step === 0);
  const slopes = some.flatMap(([at, value], n) =>
    some.slice(n + 1).flatMap(([later, other]) => (later > at ? [(other - value) / (later - at)] : [])),
  );
  return slopes.length === 0 ? 0 : median(slopes);
}
