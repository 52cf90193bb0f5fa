import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../../src/http/observer/messages.ts';
import { pauseAfter, ROWS_AT_ONCE, Watcher } from '../../../src/http/observer/watcher.ts';
import type { Event } from '../../../src/journal/event.ts';
import type { Recorded } from '../../../src/journal/recorded.ts';
import { Timelines } from '../../../src/journal/timeline/timelines.ts';

const MAC = '52:54:00:00:00:01';
const SINCE = 100_000;
const CLIENT = { firmware: 'pxe', architecture: 0, hostName: undefined } as const;

/** A watcher over rows that a test lays out; `time` is the clock. */
class Rig {
  time = SINCE + 1000;
  rows: Recorded[] = [];
  leases: { address: string; mac: string }[] | undefined;
  looks = 0;
  readonly watcher: Watcher;

  constructor() {
    this.watcher = new Watcher({
      journal: {
        next: (limit) => this.rows.splice(0, limit),
        coverage: () => {
          this.looks += 1;
          return { runs: [], gaps: [] };
        },
        problems: () => [],
      },
      timelines: new Timelines(),
      leases: {
        look: () => undefined,
        changed: () => this.leases !== undefined,
        owners: () => this.leases ?? [],
        problems: () => [],
      },
      now: () => this.time,
      since: SINCE,
    });
  }

  add(at: number, event: Event): void {
    this.rows.push({ service: 'dhcp', id: this.rows.length + 1, at, event });
  }

  discover(at: number, mac = MAC): void {
    this.add(at, { kind: 'dhcp.discover', mac, client: CLIENT });
  }

  report(): Report {
    const report = this.watcher.turn();
    assert.ok(typeof report === 'object');
    return report;
  }
}

test('many rows are taken in pieces, with turns for questions in between, and said to be incomplete', () => {
  const rig = new Rig();
  for (let n = 0; n < 2 * ROWS_AT_ONCE + 1; n += 1) rig.discover(5000 + n);
  assert.equal(rig.watcher.turn(), 'more');
  assert.match(rig.watcher.problems().join(), /still being read/);
  assert.equal(rig.watcher.turn(), 'more');
  assert.equal(rig.report().anew, true);
  assert.deepEqual(rig.watcher.problems(), []);
});

test('nothing is reported while nothing changes, and time is looked at once a second', () => {
  const rig = new Rig();
  rig.report();
  const looks = rig.looks;
  for (let tick = 0; tick < 12; tick += 1) {
    rig.time += 250;
    assert.equal(rig.watcher.turn(), undefined);
  }
  assert.equal(rig.looks - looks, 3);
});

test('a record that cannot be understood costs itself alone, and is said', () => {
  const rig = new Rig();
  rig.report();
  rig.watcher.wantFrames = true;
  rig.add(rig.time, { kind: 'tftp.unheard-of' } as never);
  rig.add(rig.time, { kind: 'dhcp.discover', mac: MAC } as never);
  rig.discover(rig.time, '52:54:00:00:00:02');
  const { frames } = rig.report();
  const told = frames.filter(({ event }) => event === 'machine').map(({ data }) => JSON.parse(data).mac);
  assert.ok(told.includes('52:54:00:00:00:02'));
  assert.match(rig.watcher.problems().join(), /journal of dhcp is left out/);
});

test('rows that are still held back at the start belong to what was before it', () => {
  const rig = new Rig();
  rig.time = SINCE + 10;
  assert.equal(rig.watcher.turn(), undefined);
  assert.match(rig.watcher.problems().join(), /still being read/);
  rig.discover(SINCE - 5);
  rig.time = SINCE + 500;
  const { anew, measurements } = rig.report();
  assert.deepEqual([anew, measurements], [true, []]);
});

test('a storm of lines is cut to the newest', () => {
  const rig = new Rig();
  rig.report();
  rig.watcher.wantFrames = true;
  for (let n = 0; n < ROWS_AT_ONCE * 3; n += 1)
    rig.add(rig.time, { kind: 'dhcp.malformed', address: `10.0.0.${n}`, reason: 'odd' });
  while (rig.watcher.turn() === 'more');
  rig.discover(rig.time);
  rig.time += 1000;
  rig.watcher.wantFrames = false;
  rig.watcher.wantFrames = true;
  for (let n = 0; n < 250; n += 1)
    rig.add(rig.time, { kind: 'dhcp.malformed', address: `10.0.1.${n}`, reason: 'odd' });
  const lines = rig.report().frames.flatMap(({ event, data }) => (event === 'log' ? JSON.parse(data) : []));
  assert.equal(lines.length, 200);
  assert.match(lines.at(-1).text, /10\.0\.1\.249/);
});

test('the longer a turn took, the longer the pause, within bounds', () => {
  assert.deepEqual([0, 25, 60, 100_000].map(pauseAfter), [250, 250, 600, 5000]);
});
