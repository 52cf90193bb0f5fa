export interface PauseOptions {
  /** Milliseconds before the second attempt. */
  readonly first: number;
  /** Milliseconds that no pause exceeds. */
  readonly longest: number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

/**
 * Endless pauses in milliseconds: each about twice the one before, up to the longest. Each is shortened by up to a
 * quarter at random, so that appliances that were switched on together do not ask together.
 */
export function* pauses({ first, longest, random }: PauseOptions): Generator<number, never> {
  for (let full = first; ; full = Math.min(full * 2, longest)) {
    yield Math.round(Math.min(full, longest) * (1 - random() / 4));
  }
}
