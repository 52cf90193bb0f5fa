import type { Sink } from '../journal/event.ts';
import type { TftpEvent } from '../journal/tftp-events.ts';
import type { Clock } from '../platform/clock.ts';

/** Events that anyone can cause at will with packets of their own making. */
const CAUSED_BY_ANYONE: ReadonlySet<string> = new Set<TftpEvent['kind']>([
  'tftp.malformed',
  'tftp.stranger',
  'tftp.refused',
  'tftp.not-found',
  'tftp.send-failed',
]);

/** A sink that lets through so many of those events a second and then says how many it left out. */
export function throttle(sink: Sink, clock: Clock, perSecond: number): Sink {
  let second = clock.now();
  let passed = 0;
  let left = 0;
  return (event) => {
    if (!CAUSED_BY_ANYONE.has(event.kind)) return sink(event);
    if (clock.now() !== second) {
      if (left > 0) sink({ kind: 'tftp.unlogged', events: left });
      second = clock.now();
      passed = 0;
      left = 0;
    }
    if (passed < perSecond) {
      passed += 1;
      sink(event);
    } else {
      left += 1;
    }
  };
}
