import { OPTION } from '../protocol/dhcp/codes.ts';
import { OPTIONS_AT } from '../protocol/dhcp/packet.ts';
import type { DhcpEvent, LeftOutPackets, RoutineKind } from './dhcp-events.ts';
import type { Event, Sink } from './event.ts';

/** What is told one by one: so many events at once, and so many a second from then on. */
export interface CrowdLimits {
  readonly atOnce: number;
  readonly perSecond: number;
}

/**
 * A thousand machines that power up in one second, 8 events each; behind them twice as many without their packets. After eight seconds, when the next stage
 * of a boot asks, the first half is there again.
 */
export const CROWD_LIMITS: CrowdLimits = { atOnce: 16_000, perSecond: 1000 };

/** What is left out is summed up so often, in milliseconds. */
const SUM_UP_MS = 1000;

const ROUTINE: ReadonlySet<string> = new Set<RoutineKind>([
  'dhcp.packet',
  'dhcp.discover',
  'dhcp.offer',
  'dhcp.request',
  'dhcp.ack',
]);

interface Sum {
  readonly since: number;
  readonly events: Map<RoutineKind, number>;
  /** By direction and message type. */
  readonly packets: Map<number, { -readonly [field in keyof LeftOutPackets]: LeftOutPackets[field] }>;
}

/**
 * Lets pass what happens, but of a crowd's healthy exchanges only as many as anybody can read: first packets are left out, then whole exchanges, and
 * once a second is told how many. In no storm do log and journal cost more than that.
 */
export class Crowd {
  readonly #sink: Sink;
  readonly #monotonic: () => number;
  readonly #later: (milliseconds: number, callback: () => void) => void;
  readonly #limits: CrowdLimits;
  #allowed: number;
  #asOf: number;
  #sum: Sum | undefined;

  /** @param later calls back after so many milliseconds. */
  constructor(
    sink: Sink,
    monotonic: () => number,
    later: (milliseconds: number, callback: () => void) => void,
    limits: CrowdLimits = CROWD_LIMITS,
  ) {
    this.#sink = sink;
    this.#monotonic = monotonic;
    this.#later = later;
    this.#limits = limits;
    this.#allowed = limits.atOnce;
    this.#asOf = monotonic();
  }

  readonly tell: Sink = (event) => {
    if (!isRoutine(event)) {
      this.#sink(event);
      return;
    }
    // The second half is kept for what happened, without the packets in which it was said.
    const spared = event.kind === 'dhcp.packet' ? this.#limits.atOnce / 2 : 0;
    if (this.#allowed <= spared) this.#refill();
    if (this.#allowed <= spared) {
      this.#leaveOut(event);
      return;
    }
    this.#allowed -= 1;
    this.#sink(event);
  };

  /** Tells what was left out up to now. */
  sumUp(): void {
    if (!this.#sum) return;
    const { since, events, packets } = this.#sum;
    this.#sum = undefined;
    this.#sink({
      kind: 'dhcp.crowd',
      milliseconds: Math.round(this.#monotonic() - since),
      events: Object.fromEntries(events),
      packets: [...packets.values()],
    });
  }

  #refill(): void {
    const { atOnce, perSecond } = this.#limits;
    const now = this.#monotonic();
    this.#allowed = Math.min(atOnce, this.#allowed + ((now - this.#asOf) / 1000) * perSecond);
    this.#asOf = now;
  }

  #leaveOut(event: RoutineEvent): void {
    if (!this.#sum) {
      this.#sum = { since: this.#asOf, events: new Map(), packets: new Map() };
      this.#later(SUM_UP_MS, () => this.sumUp());
    }
    const { events, packets } = this.#sum;
    if (event.kind !== 'dhcp.packet') {
      events.set(event.kind, (events.get(event.kind) ?? 0) + 1);
      return;
    }
    const { direction } = event;
    const type = typeOf(event.bytes);
    const key = direction === 'sent' ? -type - 1 : type;
    const count = packets.get(key);
    if (count) count.packets += 1;
    else packets.set(key, { direction, type, packets: 1 });
  }
}

type RoutineEvent = Extract<DhcpEvent, { kind: RoutineKind }>;

function isRoutine(event: Event): event is RoutineEvent {
  return ROUTINE.has(event.kind);
}

/** Where option 53 comes first, as in all but the oddest messages; else 0. */
function typeOf(bytes: Uint8Array): number {
  return bytes[OPTIONS_AT] === OPTION.messageType ? bytes[OPTIONS_AT + 2]! : 0;
}
