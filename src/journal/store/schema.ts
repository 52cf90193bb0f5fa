import path from 'node:path';
import type { Service } from '../../config/resolve.ts';
import type { Event } from '../event.ts';

/** Raised whenever a journal that was written before could not be read any more, or not be written on. */
export const VERSION = 1;

/** Each service's journal has one writer; whoever reads, reads all of them. */
export function journalFile(state: string, service: Service): string {
  return path.join(state, `journal-${service}.sqlite`);
}

/** Events are kept on shelves that are asked for, and cleared out, by themselves. */
export const SHELF = { told: 0, packet: 1, progress: 2 } as const;

const SHELVES: Partial<Record<Event['kind'], number>> = {
  'dhcp.packet': SHELF.packet,
  'tftp.progress': SHELF.progress,
  'http.asset.progress': SHELF.progress,
};

export function shelfOf(kind: Event['kind']): number {
  return SHELVES[kind] ?? SHELF.told;
}

/**
 * `id` is never given twice (AUTOINCREMENT), so that a reader goes on behind the last one it saw. `epoch` tells a journal that was begun anew
 * from the one that had its name before. Times are milliseconds since 1970.
 */
export const SCHEMA = `
  CREATE TABLE event (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at    INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    mac   TEXT,
    shelf INTEGER NOT NULL,
    data  TEXT NOT NULL,
    bytes BLOB
  ) STRICT;
  CREATE INDEX event_shelf ON event (shelf, at);
  CREATE INDEX event_mac ON event (mac, shelf, at) WHERE mac IS NOT NULL;
  CREATE TABLE run (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    started INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    ended   INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE gap (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    events INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE journal (epoch TEXT NOT NULL) STRICT;
  INSERT INTO journal VALUES (lower(hex(randomblob(8))))`;
