import type { Random } from './random.ts';

/**
 * Something that takes whatever a stranger sends. An input is all that a step depends on but for the steps before it: who sends, how much
 * time has passed, and the bytes.
 */
export interface Target {
  readonly name: string;
  begin(): Promise<Trial> | Trial;
}

/** A target at work. */
export interface Trial {
  /** Inputs between two settlings, 16 where it does not say. */
  readonly together?: number;
  /** Inputs to begin with; those that led to something new join them. */
  readonly seeds: readonly Uint8Array[];
  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array;
  /**
   * Throws where a property does not hold.
   * @returns what the input led to, in a word or few: inputs that lead to something new are built upon.
   */
  feed(input: Uint8Array): string;
  /** Lets what goes on behind come to its end, and looks at it; throws as `feed` does. */
  settle?(): Promise<void> | void;
  end?(): Promise<void> | void;
}
