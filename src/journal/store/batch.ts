import type { Event } from '../event.ts';
import type { Entry } from './queue.ts';
import { shelfOf } from './schema.ts';

/**
 * Entries on their way to the writing thread, as one text and one run of bytes: that costs the service's thread less than a clone of the
 * objects, and never drags along the larger buffer that a packet may be a piece of.
 */
export interface Batch {
  /** JSON: at, length of the bytes or -1, event without them; and again. */
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A row of table `event`, but for its id. */
export interface Row {
  readonly at: number;
  readonly kind: Event['kind'];
  readonly mac: string | null;
  readonly shelf: number;
  /** JSON of the other fields. */
  readonly data: string;
  readonly bytes: Uint8Array | null;
}

type Kept = Event & { bytes?: unknown };

export function encodeBatch(entries: readonly Entry[]): Batch {
  const flat: unknown[] = [];
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const { at, event } of entries) {
    const { bytes, ...rest } = event as Kept;
    if (bytes instanceof Uint8Array) {
      flat.push(at, bytes.length, rest);
      pieces.push(bytes);
      length += bytes.length;
    } else flat.push(at, -1, event);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return { text: JSON.stringify(flat), bytes };
}

export function* decodeBatch({ text, bytes }: Batch): Generator<Row> {
  const flat = JSON.parse(text) as (number | Event)[];
  let offset = 0;
  for (let index = 0; index < flat.length; index += 3) {
    const at = flat[index] as number;
    const length = flat[index + 1] as number;
    const { kind, mac, ...rest } = flat[index + 2] as Event;
    const own = length < 0 ? null : bytes.subarray(offset, offset + length);
    offset += Math.max(length, 0);
    yield { at, kind, mac: mac ?? null, shelf: shelfOf(kind), data: JSON.stringify(rest), bytes: own };
  }
}

/** The event that a row was made of; its fields that were undefined are left out. */
export function eventOf({ kind, mac, data, bytes }: Omit<Row, 'at' | 'shelf'>): Event {
  return {
    kind,
    ...(mac === null ? {} : { mac }),
    ...(JSON.parse(data) as object),
    ...(bytes === null ? {} : { bytes }),
  } as Event;
}
