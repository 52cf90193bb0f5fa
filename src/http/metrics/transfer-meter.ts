import type { Event } from '../../journal/event.ts';
import type { Measurement } from './measurement.ts';

type Service = 'tftp' | 'http';

interface Counted {
  bytes: number;
  retransmissions: number;
}

type TransferEvent = Extract<Event, { transfer: number }>;

/** More transfers than this are never under way at once; what is older has been lost sight of. */
const MOST = 10_000;

/** How a transfer, or the request for one, ended: the label of each kind of event. */
const OUTCOMES: { readonly [K in Event['kind']]?: (event: Extract<Event, { kind: K }>) => string } = {
  'tftp.done': () => 'done',
  'tftp.aborted': ({ probe }) => (probe ? 'asked-size' : 'aborted'),
  'tftp.timeout': ({ sentWhole }) => (sentWhole ? 'unacknowledged' : 'timeout'),
  'tftp.unanswered': () => 'timeout',
  'tftp.failed': () => 'failed',
  'tftp.cancelled': () => 'cancelled',
  'tftp.not-found': () => 'not-found',
  'tftp.refused': () => 'refused',
  'http.asset.done': () => 'done',
  'http.asset.aborted': ({ reason }) => (reason === undefined ? 'aborted' : 'failed'),
  'http.not-found': () => 'not-found',
  'http.refused': () => 'refused',
};

/** Counts what transfers move while they move: progress tells the bytes so far, metrics want what came since. */
export class TransferMeter {
  readonly #under: Record<Service, Map<number, Counted>> = { tftp: new Map(), http: new Map() };

  /** What the event adds; nothing for one that is not about transfers. */
  measure(event: Event): Measurement[] {
    const service = event.kind.startsWith('tftp.')
      ? 'tftp'
      : event.kind.startsWith('http.')
        ? 'http'
        : undefined;
    if (!service) return [];
    const outcome = (OUTCOMES[event.kind] as ((event: Event) => string) | undefined)?.(event);
    const moved = isTransfer(event) ? this.#moved(service, event, outcome !== undefined) : [];
    if (outcome === undefined) return moved;
    return [...moved, { counter: 'transfers', labels: { service, outcome }, by: 1 }];
  }

  #moved(service: Service, event: TransferEvent, ended: boolean): Measurement[] {
    const under = this.#under[service];
    // A service that was started anew begins its numbers anew.
    if (event.kind === 'tftp.start' || event.kind === 'http.asset.start') under.delete(event.transfer);
    const before = under.get(event.transfer) ?? { bytes: 0, retransmissions: 0 };
    const bytes = 'bytes' in event ? event.bytes : before.bytes;
    const retransmissions = 'retransmissions' in event ? event.retransmissions : before.retransmissions;
    if (ended) under.delete(event.transfer);
    else under.set(event.transfer, { bytes, retransmissions });
    if (under.size > MOST) under.delete(under.keys().next().value!);
    const measurements: Measurement[] = [];
    if (bytes > before.bytes)
      measurements.push({ counter: 'transferBytes', labels: { service }, by: bytes - before.bytes });
    if (retransmissions > before.retransmissions)
      measurements.push({
        counter: 'retransmissions',
        labels: {},
        by: retransmissions - before.retransmissions,
      });
    return measurements;
  }
}

function isTransfer(event: Event): event is TransferEvent {
  return 'transfer' in event;
}
