import type { Service } from '../../config/resolve.ts';
import type { Coverage } from '../coverage.ts';
import type { Gap, Recorded, Run } from '../recorded.ts';
import { JournalSource, type StoredRow } from './journal-source.ts';
import { SHELF } from './schema.ts';

/** In this order where two services have events of the same millisecond: as a boot goes. */
const SERVICES: readonly Service[] = ['dhcp', 'tftp', 'http'];

/** An event is handed on when it is so old, in milliseconds: by then every service has written what it had before it. */
export const HOLD_BACK_MS = 400;
/** Stamped so far in the future: by a clock that was set back since. There is nothing to wait for. */
const AHEAD_MS = 1000;

/** A DHCP packet as it went over the wire. */
export interface StoredPacket {
  readonly at: number;
  readonly direction: 'received' | 'sent';
  readonly bytes: Uint8Array;
  /** The server's, where that is not 67. */
  readonly port?: 4011;
}

export interface RecentOptions {
  readonly mac?: string;
  readonly service?: Service;
  /** Only what was before this moment. */
  readonly before?: number;
  readonly limit: number;
}

const RECENT = (where: string) => `
  SELECT id, at, kind, mac, data, bytes FROM event WHERE ${where} AND at < :before AND at >= coalesce(
    (SELECT at FROM event WHERE ${where} AND at < :before ORDER BY at DESC LIMIT 1 OFFSET :more), -9e15)
  ORDER BY at, id`;
const RECENT_OF_ALL = RECENT(`shelf = ${SHELF.told}`);
const RECENT_OF_ONE = RECENT(`mac = :mac AND shelf = ${SHELF.told}`);

/**
 * The journals of all services as one. Synchronous, so for a thread of its own. Never throws, never waits for a lock: what cannot be read
 * now is read later, and its problem is told.
 */
export class JournalReader {
  readonly #now: () => number;
  readonly #sources: readonly JournalSource[];

  /** `state` is STATE_DIR; `now` gives milliseconds since 1970. */
  constructor(state: string, now: () => number) {
    this.#now = now;
    this.#sources = SERVICES.map((service) => new JournalSource(state, service));
  }

  /**
   * What has not been handed on yet, each event once, in order of time. What a service wrote late comes late; within one service the order
   * is always its own.
   */
  next(limit: number): Recorded[] {
    for (const source of this.#sources) source.refresh();
    const taken: Recorded[] = [];
    while (taken.length < limit) {
      const source = this.#earliest();
      if (!source) break;
      taken.push(source.head()!);
      source.advance();
    }
    return taken;
  }

  coverage(): Coverage {
    const runs = this.#sources.flatMap(runsOf);
    return { runs, gaps: this.#sources.flatMap(gapsOf) };
  }

  /** The newest `limit` DHCP packets of that machine from that time, the oldest first. */
  packets(mac: string, from: number, to: number, limit: number): StoredPacket[] {
    const dhcp = this.#sources.find(({ service }) => service === 'dhcp')!;
    const rows = dhcp.use<StoredRow[]>([], (database) => {
      const query = database.prepare(
        `SELECT id, at, kind, mac, data, bytes FROM event
         WHERE mac = ? AND shelf = ${SHELF.packet} AND at BETWEEN ? AND ? ORDER BY at DESC, id DESC LIMIT ?`,
      );
      return query.all(mac, from, to, limit) as unknown as StoredRow[];
    });
    return rows.reverse().flatMap((row) =>
      dhcp.recorded(row).flatMap(({ at, event }) => {
        if (event.kind !== 'dhcp.packet') return [];
        const { direction, bytes, port } = event;
        return [{ at, direction, bytes, ...(port && { port }) }];
      }),
    );
  }

  /**
   * What was last told, without packets and progress; the newest last. A little more than `limit` where several share the oldest
   * millisecond, so that asking on with `before` leaves nothing out.
   */
  recent({ mac, service, before = Number.MAX_SAFE_INTEGER, limit }: RecentOptions): Recorded[] {
    const most = Math.max(1, limit);
    const wanted = this.#sources.filter((source) => service === undefined || source.service === service);
    const found = wanted.flatMap((source) => {
      const rows = source.use<StoredRow[]>([], (database) => {
        const query = database.prepare(mac === undefined ? RECENT_OF_ALL : RECENT_OF_ONE);
        const values = { before, more: most - 1, ...(mac === undefined ? {} : { mac }) };
        return query.all(values) as unknown as StoredRow[];
      });
      return rows.flatMap((row) => source.recorded(row));
    });
    const ordered = found.toSorted((a, b) => a.at - b.at);
    const oldest = ordered.at(-most)?.at ?? 0;
    return ordered.filter(({ at }) => at >= oldest);
  }

  /** In words; a journal that is not there is none. */
  problems(): readonly string[] {
    return this.#sources.flatMap(({ problem }) => problem ?? []);
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }

  #earliest(): JournalSource | undefined {
    const now = this.#now();
    const ready = this.#sources.filter((source) => {
      const at = source.head()?.at;
      return at !== undefined && (at <= now - HOLD_BACK_MS || at > now + AHEAD_MS);
    });
    if (ready.length < 2) return ready[0];
    return ready.reduce((first, source) => (source.head()!.at < first.head()!.at ? source : first));
  }
}

function runsOf(source: JournalSource): Run[] {
  const sign = source.sign();
  const rows = source.use<{ started: number; seen: number; ended: number }[]>([], (database) => {
    return database.prepare('SELECT started, seen, ended FROM run ORDER BY id').all() as never;
  });
  return rows.map(({ started, seen, ended }, index) => {
    const signed = index === rows.length - 1 && ended === 0 && sign !== undefined && sign.from <= started;
    const last = signed ? Math.max(seen, sign.seen) : seen;
    return { service: source.service, from: started, seen: last, ended: ended === 1 };
  });
}

function gapsOf(source: JournalSource): Gap[] {
  const rows = source.use<{ first: number; last: number; events: number }[]>([], (database) => {
    return database.prepare('SELECT first, last, events FROM gap ORDER BY id').all() as never;
  });
  return rows.map(({ first, last, events }) => ({ service: source.service, from: first, to: last, events }));
}
