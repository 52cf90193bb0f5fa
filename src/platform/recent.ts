/**
 * A question that costs something, asked at most once in `milliseconds`: until the new answer is there the last one stands, so that only the
 * first who asks has to wait.
 */
export function recent<T>(
  ask: () => T | Promise<T>,
  milliseconds: number,
  monotonic: () => number,
): () => Promise<T> {
  let last: { readonly answer: T } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<T> | undefined;
  return async () => {
    if (!asking && monotonic() - askedAt >= milliseconds) {
      askedAt = monotonic();
      asking = Promise.resolve(ask())
        .then((answer) => {
          last = { answer };
          return answer;
        })
        .catch((error: unknown) => {
          askedAt = Number.NEGATIVE_INFINITY;
          throw error;
        })
        .finally(() => {
          asking = undefined;
        });
      if (last) asking.catch(() => undefined);
    }
    return last ? last.answer : asking!;
  };
}
