import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Service } from '../../../src/config/resolve.ts';
import type { Event } from '../../../src/journal/event.ts';
import { encodeBatch } from '../../../src/journal/store/batch.ts';
import { JournalDatabase, type Write } from '../../../src/journal/store/journal-database.ts';
import { JournalReader } from '../../../src/journal/store/journal-reader.ts';
import {
  type JournalOptions,
  JournalWriter,
  journalFile,
} from '../../../src/journal/store/journal-writer.ts';
import { systemClock } from '../../../src/platform/clock.ts';

export const MAC = '52:54:00:00:00:01';
export const NOW = 1_700_000_000_000;
const DEADLINE_MS = 20_000;

export const packet = (bytes: Uint8Array, mac = MAC): Event => ({
  kind: 'dhcp.packet',
  mac,
  direction: 'received',
  bytes,
});
export const told = (n: number, mac = MAC): Event => ({ kind: 'dhcp.inform', mac, address: n });
export const progress = (bytes: number, mac = MAC): Event => ({
  kind: 'tftp.progress',
  mac,
  address: '10.0.0.9',
  file: 'undionly.kpxe',
  transfer: 1,
  bytes,
  size: 9e9,
  retransmissions: 0,
});

/** Asks until the answer is there; fails only when it has not come for so long that it never will. */
export async function until<T>(what: string, ask: () => T | undefined | false): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    assert.ok(performance.now() < end, `waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A folder for journals, and the one who reads them all. */
export class State implements Disposable {
  readonly folder: string;
  /** What the reader takes for now: everything has been written long ago, unless a test says otherwise. */
  now = Number.MAX_SAFE_INTEGER - 10_000;
  readonly reader: JournalReader;

  constructor(folder = mkdtempSync(path.join(os.tmpdir(), 'journal-'))) {
    this.folder = folder;
    this.reader = new JournalReader(this.folder, () => this.now);
  }

  file(service: Service = 'dhcp'): string {
    return journalFile(this.folder, service);
  }

  /** A journal as its thread has it, without the thread: what is written is there at once. */
  database(service: Service = 'dhcp', days = 14, bytes = 64e6): JournalDatabase {
    return new JournalDatabase(this.file(service), days, bytes);
  }

  writer(options: Partial<JournalOptions> = {}): { writer: JournalWriter; events: Event[] } {
    const events: Event[] = [];
    const writer = new JournalWriter({
      file: this.file(),
      clock: systemClock,
      told: (event) => events.push(event),
      days: 14,
      bytes: 64e6,
      ...options,
    });
    return { writer, events };
  }

  /** All that is there to read, and was not read before. */
  read(): Event[] {
    return this.reader.next(1_000_000).map(({ event }) => event);
  }

  [Symbol.dispose](): void {
    this.reader.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A write of those events, `at` that moment all of them, by the run that began at `from`. */
export function written(events: readonly Event[], at: number, from = NOW, rest: Partial<Write> = {}): Write {
  return {
    batch: encodeBatch(events.map((event) => ({ at, event }))),
    lost: undefined,
    run: { from, seen: at, ended: false },
    ...rest,
  };
}
