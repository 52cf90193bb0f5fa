import { REHEARSAL } from '../../boot/rehearsal.ts';
import type { Coverage } from '../../journal/coverage.ts';
import type { Recorded } from '../../journal/recorded.ts';
import type { Verdict } from '../../journal/timeline/verdict.ts';
import { messageLabel, typeLabel } from './dhcp-message.ts';
import type { Measurement } from './measurement.ts';
import { TransferMeter } from './transfer-meter.ts';
import { VerdictMeter } from './verdict-meter.ts';

/** Counts what happens between two reports. What is older than `since` (milliseconds since 1970) has been counted, or never will be. */
export class Tally {
  readonly #since: number;
  readonly #transfers = new TransferMeter();
  readonly #verdicts = new VerdictMeter();
  /** By service and beginning of the gap: a gap that goes on is read again, longer. */
  readonly #lost = new Map<string, number>();
  /** Sums by counter and labels; durations as they come. */
  #sums = new Map<string, Measurement & { by: number }>();
  #durations: Measurement[] = [];

  constructor(since: number) {
    this.#since = since;
  }

  take({ service, at, event }: Recorded): void {
    // Transfers that began before are followed all the same: only what they move from now on counts.
    const moved = this.#transfers.measure(event);
    if (at < this.#since) return;
    this.#add({ counter: 'journalEvents', labels: { service }, by: 1 }, ...moved);
    if (event.kind === 'tftp.limited' || event.kind === 'http.limited')
      this.#add({ counter: 'turnedAway', labels: { service, limit: event.limit }, by: event.count });
    if (event.kind === 'dhcp.crowd')
      for (const { direction, type, packets } of event.packets)
        this.#add({ counter: 'dhcpMessages', labels: { type: typeLabel(type), direction }, by: packets });
    if (event.kind !== 'dhcp.packet' || event.mac === REHEARSAL.mac) return;
    const { direction, bytes } = event;
    this.#add({ counter: 'dhcpMessages', labels: { type: messageLabel(bytes), direction }, by: 1 });
  }

  judged(verdict: Verdict): void {
    this.#add(...this.#verdicts.measure(verdict));
  }

  covered({ gaps }: Coverage): void {
    const known = new Set<string>();
    for (const { service, from, to, events } of gaps) {
      const key = `${service} ${from}`;
      known.add(key);
      const before = this.#lost.get(key) ?? (to < this.#since ? events : 0);
      this.#lost.set(key, events);
      if (events > before) this.#add({ counter: 'journalLost', labels: { service }, by: events - before });
    }
    for (const key of this.#lost.keys()) if (!known.has(key)) this.#lost.delete(key);
  }

  /** What has been counted since the last call. */
  drain(): Measurement[] {
    const measurements = [...this.#sums.values(), ...this.#durations];
    this.#sums = new Map();
    this.#durations = [];
    return measurements;
  }

  #add(...measurements: Measurement[]): void {
    for (const one of measurements) {
      if ('histogram' in one) {
        this.#durations.push(one);
        continue;
      }
      const key = `${one.counter} ${Object.values(one.labels).join(' ')}`;
      const by = (this.#sums.get(key)?.by ?? 0) + one.by;
      this.#sums.set(key, { ...one, by });
    }
  }
}
