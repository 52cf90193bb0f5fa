import { REHEARSAL } from '../../boot/rehearsal.ts';
import { JournalReader } from '../../journal/store/journal-reader.ts';

/** What the journals tell. */
export interface Seen {
  /** Machines whose firmware has asked: MAC and option 93. */
  readonly machines: readonly { readonly mac: string; readonly architecture: number }[];
  /** When the newest event was recorded, in milliseconds since 1970; undefined where there is none. */
  readonly newest: number | undefined;
  /** Why not all could be read, in words. */
  readonly problems: readonly string[];
}

/** So far back is looked for machines; a boot is some 20 events. */
const MOST_EVENTS = 4000;

/** Reads the end of the journals in `state`; `now` is in milliseconds. Never throws. */
export function readSeen(state: string, now: number): Seen {
  const reader = new JournalReader(state, () => now);
  try {
    const events = reader.recent({ limit: MOST_EVENTS });
    const machines = new Map<string, number>();
    for (const { event } of events) {
      if (!('client' in event) || !('mac' in event) || event.mac === REHEARSAL.mac) continue;
      const { firmware, architecture } = event.client;
      const tells = firmware === 'pxe' || firmware === 'http';
      if (tells && architecture !== undefined) machines.set(event.mac, architecture);
    }
    return {
      machines: [...machines].map(([mac, architecture]) => ({ mac, architecture })),
      newest: events.at(-1)?.at,
      problems: reader.problems(),
    };
  } finally {
    reader.close();
  }
}
