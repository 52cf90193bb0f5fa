import type { Verdict } from '../../journal/timeline/verdict.ts';
import type { Asks, Change } from './observed.ts';

export type Ask = keyof Asks;

/** A question to the observer's thread. */
export type Question = { readonly [A in Ask]: { readonly ask: A } & Asks[A]['question'] }[Ask];

/** What the main thread sends. */
export type Order =
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'frames'; readonly wanted: boolean };

/** What the observer's thread sends. */
export type Word =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
  | { readonly kind: 'report'; readonly report: Report };

export interface Report extends Change {
  readonly verdicts: readonly Verdict[];
  /** Up to here everything has been counted and told, in milliseconds since 1970. */
  readonly until: number;
}

/** What the thread is started with. */
export interface Commission {
  /** The folder of the journals and of the lease database. */
  readonly state: string;
  /** What happened before has been told and counted, or never will be; milliseconds since 1970. */
  readonly since: number;
}
