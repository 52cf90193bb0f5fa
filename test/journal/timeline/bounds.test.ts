import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../../src/journal/event.ts';
import { Timelines } from '../../../src/journal/timeline/timelines.ts';

const LIMITS = { machines: 50, attempts: 3, steps: 10 };
const NOW = Date.UTC(2026, 0, 1);
const COVERAGE = { runs: [{ service: 'dhcp', from: 0, seen: Infinity, ended: false }], gaps: [] } as const;
const PXE = { firmware: 'pxe', architecture: 7, hostName: undefined } as const;

class Flood {
  readonly timelines = new Timelines(LIMITS);
  at = NOW;
  #id = 0;

  tell(event: Event, after = 1): void {
    this.at += after;
    this.timelines.take({
      service: event.kind.startsWith('tftp') ? 'tftp' : 'dhcp',
      id: ++this.#id,
      at: this.at,
      event,
    });
  }

  ask(mac: string, after?: number): void {
    this.tell({ kind: 'dhcp.discover', mac, client: { ...PXE, hostName: 'x'.repeat(4000) } }, after);
  }

  summaries() {
    this.timelines.judge(this.at, COVERAGE);
    return this.timelines.summaries();
  }
}

const macOf = (number: number) =>
  `02:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`;

test('of machines that got nothing a fifth of all is kept, those that were seen last, and none of them pushes out one that got an address', () => {
  const flood = new Flood();
  const real = Array.from({ length: 30 }, (_, n) => macOf(1000 + n));
  for (const mac of real) {
    flood.ask(mac);
    flood.tell({
      kind: 'dhcp.ack',
      mac,
      client: PXE,
      address: 0x0a000000 + Number.parseInt(mac.slice(-2), 16),
      plan: { kind: 'none' },
      seconds: 60,
    });
  }
  for (let number = 0; number < 500; number++) {
    flood.ask(macOf(number));
    flood.ask(macOf(0));
  }
  const macs = flood.summaries().map(({ mac }) => mac);
  assert.equal(macs.length, real.length + LIMITS.machines / 5);
  assert.equal(macs[0], macOf(0));
  assert.ok(macs.includes(macOf(499)) && !macs.includes(macOf(300)));
  for (const mac of real) assert.ok(macs.includes(mac));
});

test('of machines that got an address as many are kept as may be, those that were seen last', () => {
  const flood = new Flood();
  for (let n = 0; n < 500; n++) {
    const mac = macOf(n);
    flood.ask(mac);
    flood.tell({
      kind: 'dhcp.ack',
      mac,
      client: PXE,
      address: 1000 + n,
      plan: { kind: 'none' },
      seconds: 60,
    });
  }
  const macs = flood.summaries().map(({ mac }) => mac);
  assert.deepEqual([macs.length, macs[0], macs.at(-1)], [LIMITS.machines, macOf(499), macOf(450)]);
});

test('of a machine’s attempts the newest are kept, each with an id of its own', () => {
  const flood = new Flood();
  for (let round = 0; round < 20; round++) flood.ask(macOf(1), 61_000);
  flood.summaries();
  const { history, attempts } = flood.timelines.machine(macOf(1))!;
  assert.equal(attempts, LIMITS.attempts);
  assert.equal(new Set(history.map(({ id }) => id)).size, LIMITS.attempts);
  assert.equal(history[0]!.from, flood.at);
});

test('two attempts of the same moment can be told apart', () => {
  const flood = new Flood();
  flood.ask(macOf(1));
  flood.tell({ kind: 'dhcp.discover', mac: macOf(1), client: { ...PXE, firmware: 'http' } }, 0);
  flood.summaries();
  const ids = flood.timelines.machine(macOf(1))!.history.map(({ id }) => id);
  assert.deepEqual(ids, [`${flood.at}-2`, `${flood.at}`]);
});

test('of an attempt’s steps the first and the last are kept, and the others are counted', () => {
  const flood = new Flood();
  for (let step = 0; step < 100; step++) flood.ask(macOf(1));
  flood.summaries();
  const { steps, stepsLeftOut } = flood.timelines.machine(macOf(1))!.history[0]!;
  assert.equal(steps.length, LIMITS.steps);
  assert.equal(stepsLeftOut, 90);
  assert.equal(steps[0]!.at, NOW + 1);
  assert.equal(steps.at(-1)!.at, flood.at);
});

test('names of any length and any number take no more than their place', () => {
  const flood = new Flood();
  flood.ask(macOf(1));
  flood.tell({
    kind: 'dhcp.ack',
    mac: macOf(1),
    address: 0x0a000005,
    plan: { kind: 'loader', file: 'x' },
    client: PXE,
    seconds: 9,
  });
  for (let number = 0; number < 500; number++) {
    const file = `${number}${'y'.repeat(5000)}`;
    flood.tell({
      kind: 'tftp.start',
      address: '10.0.0.5',
      file,
      transfer: number,
      size: 9,
      blksize: 512,
      windowsize: 1,
    });
  }
  flood.summaries();
  assert.ok(JSON.stringify(flood.timelines.machine(macOf(1))).length < 100_000);
  assert.ok(flood.summaries()[0]!.hostName!.length <= 64);
});

test('all machines together keep but a share of the steps that each of them may have', () => {
  const flood = new Flood();
  for (let number = 0; number < LIMITS.machines; number++)
    for (let round = 0; round < 30; round++) {
      flood.ask(macOf(number), 61_000);
      for (let step = 0; step < 20; step++) flood.ask(macOf(number));
    }
  const all = flood.summaries().map(({ mac }) => flood.timelines.machine(mac)!);
  const steps = all.flatMap(({ history }) => history.map((attempt) => attempt.steps.length));
  assert.ok(steps.reduce((sum, count) => sum + count, 0) <= LIMITS.machines * 40);
});

test('an address that was given to another machine is that one’s from then on', () => {
  const flood = new Flood();
  const give = (mac: string) => {
    flood.ask(mac);
    flood.tell({
      kind: 'dhcp.ack',
      mac,
      address: 0x0a000005,
      plan: { kind: 'loader', file: 'x.efi' },
      client: PXE,
      seconds: 9,
    });
  };
  give(macOf(1));
  give(macOf(2));
  flood.tell({
    kind: 'tftp.start',
    address: '10.0.0.5',
    file: 'x.efi',
    transfer: 1,
    size: 9,
    blksize: 512,
    windowsize: 1,
  });
  flood.summaries();
  const loads = (mac: string) => flood.timelines.machine(mac)!.attempt!.stages[1]!.transfers.length;
  assert.deepEqual([loads(macOf(1)), loads(macOf(2))], [0, 1]);
});
