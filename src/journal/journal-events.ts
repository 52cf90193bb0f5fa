import type { SetAside } from '../platform/database.ts';
import { error, info, type Texts, warn } from './line.ts';

/** What becomes of the journal itself: it may lose events, never a boot. */
export type JournalEvent =
  /** Events came faster than they could be written. */
  | { readonly kind: 'journal.lost'; readonly file: string; readonly events: number }
  /** It cannot be written; said once, until it can. */
  | {
      readonly kind: 'journal.failed';
      readonly file: string;
      readonly reason: string;
      readonly remedy: string;
    }
  | {
      readonly kind: 'journal.mended';
      readonly file: string;
      /** How long it could not be written. */
      readonly seconds: number;
      /** Events of that time that it lacks. */
      readonly events: number;
    }
  | {
      readonly kind: 'journal.set-aside';
      readonly file: string;
      readonly aside: string;
      readonly why: SetAside['why'];
    };

/** Why a database was set aside, as what was found of it. */
export const WHY_ASIDE: Readonly<Record<SetAside['why'], string>> = {
  damaged: 'was damaged',
  version: 'is of another version of remoteboot',
  foreign: 'is no database of remoteboot',
};

export const journalTexts: Texts<JournalEvent> = {
  'journal.lost': ({ file, events }) =>
    warn(
      `the journal ${file} lacks ${events} events, which came faster than they could be written; boots are not held up by that. ` +
        'The page shows that time as not known',
    ),
  'journal.failed': ({ file, reason, remedy }) =>
    error(
      `the journal ${file} cannot be written: ${reason}. Machines boot all the same; page, API and diagnoses miss what happens now. ${remedy}`,
    ),
  'journal.mended': ({ file, seconds, events }) =>
    info(`the journal ${file} is written again, after ${seconds} s; it lacks ${events} events of that time`),
  'journal.set-aside': ({ file, aside, why }) =>
    warn(
      `the journal ${file} ${WHY_ASIDE[why]}; it is kept as ${aside} and a new one begun: page and diagnoses know nothing from before. ` +
        'Delete it when you do not need it',
    ),
};
