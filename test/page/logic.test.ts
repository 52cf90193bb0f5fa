import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ago, bytes, duration, percent, plain } from '../../src/http/page/format.ts';
import { toAddress, toNumber } from '../../src/http/page/ipv4.ts';
import { blocksOf, sectionOf } from '../../src/http/page/markdown.ts';
import { counts, inOrder, matches } from '../../src/http/page/order.ts';
import { CELLS_AT_MOST, cellCounts, cellsOf } from '../../src/http/page/pool-cells.ts';
import { Speeds } from '../../src/http/page/speeds.ts';
import { axisOf, place } from '../../src/http/page/time-axis.ts';
import type { MachineSummary } from '../../src/journal/timeline/model.ts';
import { machineAt, summaryAt } from './fake-machines.ts';
import { plans } from './fake-plans.ts';

const NOW = Date.UTC(2026, 10, 23, 12);

test('sizes are in units of 1000 with three figures at most', () => {
  assert.deepEqual([0, 999, 1000, 12_104_000, 273_408, 99_960_000].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '12.1 MB',
    '273 kB',
    '100 MB',
  ]);
});

test('durations are in the units that people would choose', () => {
  assert.deepEqual([11, 420, 9960, 59_600, 125_000, 3_720_000].map(duration), [
    '11 ms',
    '0.4 s',
    '10 s',
    '1 min 0 s',
    '2 min 5 s',
    '1 h 2 min',
  ]);
});

test('times that are past and to come are told apart', () => {
  assert.equal(ago(NOW - 1000, NOW), 'just now');
  assert.equal(ago(NOW - 300_000, NOW), '5 min ago');
  assert.equal(ago(NOW + 300_000, NOW), 'in 5 min');
  assert.equal(ago(NOW - 4 * 86_400_000, NOW), '4 days ago');
  assert.equal(ago(NOW - 100 * 86_400_000, NOW), '3 months ago');
  assert.equal(ago(NOW - 2114 * 86_400_000, NOW), '5 years ago');
});

test('a transfer is at 100 % only when all of it has come', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1 }), (part, whole) => {
      assert.equal(percent(part, whole) === 100, part >= whole);
    }),
  );
});

test('names lose what turns the direction of the line or controls a terminal', () => {
  assert.equal(plain('\u202egnp.exe\u0000\u001b[31m'), '\ufffdgnp.exe\ufffd\ufffd[31m');
  assert.equal(plain('räck-01 日本'), 'räck-01 日本');
});

test('machines that boot come first, then those that failed, then the rest with the newest first', () => {
  const ordered = inOrder(plans(30, NOW).map((plan) => summaryAt(plan, NOW)));
  const outcomes = ordered.map(({ attempt }) => attempt!.outcome);
  assert.deepEqual(outcomes.lastIndexOf('running'), counts(ordered).booting - 1);
  assert.deepEqual(outcomes.lastIndexOf('failed'), counts(ordered).booting + counts(ordered).failed - 1);
  const rest = ordered.slice(outcomes.lastIndexOf('failed') + 1).map(({ attempt }) => attempt!.from);
  assert.deepEqual(
    rest,
    rest.toSorted((a, b) => b - a),
  );
});

test('the filter finds by any words of name, MAC in either spelling, address and cause', () => {
  const machine = summaryAt(plans(2, NOW)[1]!, NOW);
  for (const filter of [
    'rack',
    '52:54:00:00:01',
    '52-54-00-00-01',
    '10.20.30.21',
    'secure boot',
    'RACK uefi',
    ' ',
  ])
    assert.ok(matches(machine, filter), filter);
  assert.ok(!matches(machine, 'rack bios'));
});

test('every machine is in just one group', () => {
  const machines = plans(30, NOW).map((plan) => summaryAt(plan, NOW));
  const found = counts(machines);
  assert.equal(found.booting + found.failed + found.booted + found.other, 30);
  const idle: MachineSummary = { mac: '52:54:00:00:00:01', seen: NOW, attempts: 0 };
  assert.equal(counts([idle]).other, 1);
});

test('the speed of a file follows its tellings, and goes to nothing when it stalls', () => {
  const speeds = new Speeds();
  const plan = { ...plans(1, NOW)[0]!, from: NOW, slowness: 1 };
  const at = (ms: number) => machineAt(plan, NOW + ms).history[0];
  speeds.tell('a', at(7000), NOW + 7000);
  const running = speeds.tell('a', at(8000), NOW + 8000)!;
  assert.ok(running > 10e6 && running < 12e6, String(running));
  for (let ms = 9000; ms < 20_000; ms += 1000) speeds.tell('a', at(8000), NOW + ms);
  assert.ok(speeds.tell('a', at(8000), NOW + 20_000)! < 10_000);
  assert.equal(speeds.tell('a', at(60_000), NOW + 60_000), undefined);
});

test('an axis has round ticks, no more than asked for, and places everything on it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10 * 86_400_000 }),
      fc.integer({ min: 0, max: 2 * 86_400_000 }),
      (span, at) => {
        const axis = axisOf(NOW, NOW + span);
        assert.ok(axis.ticks.length >= 1 && axis.ticks.length <= 8, String(axis.ticks.length));
        const where = place(axis, NOW + at);
        assert.ok(where >= 0 && where <= 100);
      },
    ),
  );
});

test('addresses go to numbers and back', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      assert.equal(toAddress(toNumber(address)), address);
    }),
  );
});

test('a map has a cell an address, and above 4096 addresses cells that stand for several', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (count) => {
      const pool = { subnet: '10.0.0.0/16', first: '10.0.0.10', count, reserved: [] };
      const cells = cellsOf(pool, new Map());
      assert.ok(cells.length <= CELLS_AT_MOST);
      assert.equal(
        cells.reduce((sum, { stands }) => sum + stands, 0),
        count,
      );
      assert.equal(cellCounts(pool, new Map()).get('free'), count);
    }),
    { numRuns: 20 },
  );
});

test('a reserved address shows its holder, and a lease on it its machine', () => {
  const pool = {
    subnet: '10.0.0.0/24',
    first: '10.0.0.10',
    count: 2,
    reserved: [{ address: '10.0.0.10', holder: 'gateway' }],
  };
  assert.deepEqual(cellsOf(pool, new Map())[0], {
    address: '10.0.0.10',
    state: 'reserved',
    stands: 1,
    taken: 1,
    holder: 'gateway',
  });
  const lease = {
    address: '10.0.0.10',
    mac: '52:54:00:00:00:01',
    hostName: '',
    state: 'bound',
    expires: NOW,
  } as const;
  assert.equal(cellsOf(pool, new Map([[lease.address, lease]]))[0]?.state, 'bound');
});

test('a section of the troubleshooting page is found by its anchor and read up to the next one', () => {
  const text =
    '# All\n\n## One thing\n\nA `code` line.\n\n- first\n- second\n\n### Deeper\n\ntext\n\n## Another\n\nmore\n';
  const blocks = blocksOf(sectionOf(text, 'one-thing')!);
  assert.deepEqual(
    blocks.map(({ kind }) => kind),
    ['heading', 'text', 'list', 'heading', 'text'],
  );
  assert.equal(sectionOf(text, 'none-such'), undefined);
});
