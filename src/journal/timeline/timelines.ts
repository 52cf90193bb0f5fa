import type { Coverage } from '../coverage.ts';
import { judge } from '../diagnosis/judge.ts';
import type { Recorded } from '../recorded.ts';
import { Fold } from './fold.ts';
import type { Judged, Limits, MachineRecord } from './machine-record.ts';
import type { Machine, MachineSummary } from './model.ts';
import { type Verdict, verdictsOn } from './verdict.ts';

const LIMITS: Limits = { machines: 5000, attempts: 20, steps: 200 };

/**
 * Boots, machine by machine, put together from the events of all services. Pure: time is an argument, and nothing is read or written. What
 * can be asked for is as of the last {@link judge}.
 */
export class Timelines {
  readonly #fold: Fold;
  readonly #changed = new Set<string>();
  #verdicts: Verdict[] = [];

  constructor(limits: Limits = LIMITS) {
    this.#fold = new Fold(limits);
  }

  /** Takes in an event. They come in the order of their times, mostly. */
  take(recorded: Recorded): void {
    this.#fold.take(recorded);
  }

  /** From the leases: who has the address, where no event has told. */
  owner(address: string, mac: string): void {
    this.#fold.owners.suppose(address, mac);
  }

  /** Settles what depends on time and on who was recording: states, outcomes, diagnoses. */
  judge(now: number, coverage: Coverage): void {
    for (const machine of this.#fold.due(now)) {
      for (const judged of machine.attempts) {
        if (judged.stale || judged === machine.newest) this.#judge(machine, judged, now, coverage);
      }
      const shown = JSON.stringify(machine.summary());
      if (shown !== machine.shown) this.#changed.add(machine.mac);
      machine.shown = shown;
    }
  }

  #judge(machine: MachineRecord, judged: Judged, now: number, coverage: Coverage): void {
    const { boot } = judged;
    judged.attempt = judge(boot, { until: now, coverage });
    judged.stale = false;
    const { from, duration } = judged.attempt;
    if (duration !== undefined && from >= (machine.lastBoot?.at ?? 0))
      machine.lastBoot = { at: from, duration };
    this.#verdicts.push(...verdictsOn(machine.mac, judged));
  }

  /** All machines, the one that was seen last first. */
  summaries(): MachineSummary[] {
    return this.#fold.machines().map((machine) => machine.summary());
  }

  machine(mac: string): Machine | undefined {
    return this.#fold.machine(mac)?.full();
  }

  /** MACs of machines whose summary has changed since this was asked last; of one that was forgotten since there is none. */
  changed(): string[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** What has become clear since this was asked last. After a start that holds all that the journal tells: see `at`. */
  verdicts(): Verdict[] {
    const verdicts = this.#verdicts;
    this.#verdicts = [];
    return verdicts;
  }
}
