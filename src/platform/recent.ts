export interface Recentness {
  /** So many milliseconds an answer stands, and nobody is asked anew. */
  readonly fresh: number;
  /** Younger than this it is given at once while a new one is on its way; older ones only to those whose patience ends. */
  readonly stale: number;
  /** How many milliseconds one who asks waits for a new answer where there is an old one; for ever where it is left out. */
  readonly patience?: number;
}

/** A question that costs something, asked no more often than its answer is wanted fresh; those who ask together share one answer. */
export function recent<T>(
  ask: () => T | Promise<T>,
  { fresh, stale, patience }: Recentness,
  monotonic: () => number,
): () => Promise<T> {
  let last: { readonly answer: T; readonly at: number } | undefined;
  let asking: Promise<T> | undefined;

  async function renew(): Promise<T> {
    const at = monotonic();
    try {
      const answer = await ask();
      last = { answer, at };
      return answer;
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    const age = last ? monotonic() - last.at : Number.POSITIVE_INFINITY;
    if (last && age < fresh) return last.answer;
    asking ??= renew();
    if (!last) return asking;
    const old = last.answer;
    // Nobody may be left to hear of its failure.
    asking.catch(() => undefined);
    if (age < stale) return old;
    return patience === undefined ? asking : Promise.race([asking, later(patience, old)]);
  };
}

function later<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), milliseconds).unref());
}
