import type { Measurement, Sample } from './contract.ts';

/** The middle one and the outermost ones. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export const present = (samples: readonly Sample[]): number[] => samples.filter((sample) => sample !== null);

/** undefined where nothing was measured. */
export function spreadOf(samples: readonly Sample[]): Spread | undefined {
  const sorted = present(samples).toSorted((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    least: sorted[0]!,
    most: sorted.at(-1)!,
  };
}

export interface Ratio {
  /** Of the medians. */
  readonly ratio: number;
  /** Least and most of those runs that were made in the same round. */
  readonly least: number;
  readonly most: number;
}

/** undefined where one of both has nothing. A peer's 0 makes an infinite ratio. */
export function ratioOf(ours: readonly Sample[], theirs: readonly Sample[]): Ratio | undefined {
  const [mine, other] = [spreadOf(ours), spreadOf(theirs)];
  if (!mine || !other) return undefined;
  const pairs = ours.flatMap((sample, n) => {
    const peer = theirs[n] ?? null;
    return sample === null || peer === null ? [] : [sample / peer];
  });
  const spread = spreadOf(pairs);
  const ratio = mine.median / other.median;
  return { ratio, least: spread?.least ?? ratio, most: spread?.most ?? ratio };
}

/** The peer with the best median, 'ours' aside; undefined where none has one. */
export function bestPeer({ samples, better }: Measurement): string | undefined {
  const sign = better === 'more' ? -1 : 1;
  const ranked = Object.entries(samples)
    .filter(([name]) => name !== 'ours')
    .flatMap(([name, values]) => {
      const spread = spreadOf(values);
      return spread ? [{ name, key: sign * spread.median }] : [];
    });
  return ranked.toSorted((a, b) => a.key - b.key)[0]?.name;
}
