import { Bursts } from '../journal/burst.ts';
import type { Sink } from '../journal/event.ts';
import type { HttpLimit } from '../journal/http-events.ts';

/** Told of each that met a limit. */
export type Note = (limit: HttpLimit, address: string) => void;

/** Tells of limits that were met, once a burst. @param allowed what each is set to. */
export function limitTeller(
  sink: Sink,
  monotonic: () => number,
  allowed: Readonly<Partial<Record<HttpLimit, number>>>,
): Note {
  const bursts = new Bursts<HttpLimit>(
    (limit, burst) => sink({ kind: 'http.limited', limit, ...burst, allowed: allowed[limit] ?? 0 }),
    monotonic,
  );
  return (limit, address) => bursts.note(limit, address);
}
