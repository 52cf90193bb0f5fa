import type { Recorded } from '../../journal/recorded.ts';
import type { MachineSummary } from '../../journal/timeline/model.ts';
import type { LogLine } from '../api/shapes.ts';
import { logLine } from './log-lines.ts';
import type { Frame } from './observed.ts';

/** More lines than anybody reads in a second; the older ones of a moment are found by GET /api/log. */
const LINES_AT_ONCE = 200;

/** Collects what the live feed tells, and makes its JSON once for all who listen; nothing while nobody does. */
export class FrameMaker {
  #wanted = false;
  #lines: LogLine[] = [];
  #leases = false;

  get wanted(): boolean {
    return this.#wanted;
  }

  set wanted(wanted: boolean) {
    this.#wanted = wanted;
    if (!wanted) this.#clear();
  }

  take(record: Recorded): void {
    if (!this.#wanted) return;
    const line = logLine(record);
    if (line) this.#lines.push(line);
    if (this.#lines.length > LINES_AT_ONCE * 2) this.#lines = this.#lines.slice(-LINES_AT_ONCE);
  }

  leasesChanged(): void {
    this.#leases = this.#wanted;
  }

  /** The frames since the last call, with these machines in front. */
  make(machines: readonly MachineSummary[]): Frame[] {
    const frames: Frame[] = machines.map((machine) => ({
      event: 'machine',
      data: JSON.stringify(machine),
    }));
    if (this.#lines.length > 0)
      frames.push({ event: 'log', data: JSON.stringify(this.#lines.slice(-LINES_AT_ONCE)) });
    if (this.#leases) frames.push({ event: 'leases', data: '{}' });
    this.#clear();
    return frames;
  }

  #clear(): void {
    this.#lines = [];
    this.#leases = false;
  }
}
