import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../../src/config/resolve.ts';
import type { Measurement } from '../../../src/http/metrics/measurement.ts';
import { Tally } from '../../../src/http/metrics/tally.ts';
import type { Event } from '../../../src/journal/event.ts';
import { captured } from '../../fixtures/dhcp.ts';

const SINCE = 1000;

/** What comes of events that a service records one after the other. */
function counted(service: Service, events: readonly Event[], at = SINCE): Record<string, number> {
  const tally = new Tally(SINCE);
  for (const [id, event] of events.entries()) tally.take({ service, id, at, event });
  return sums(tally.drain());
}

function sums(measurements: readonly Measurement[]): Record<string, number> {
  const own = measurements.flatMap((one) =>
    'counter' in one && one.counter !== 'journalEvents' ? [one] : [],
  );
  return Object.fromEntries(
    own.map(({ counter, labels, by }) => [[counter, ...Object.values(labels)].join(' '), by]),
  );
}

const TFTP = { address: '10.0.0.5', file: 'a', transfer: 7 } as const;
const START: Event = { ...TFTP, kind: 'tftp.start', size: 100, blksize: 512, windowsize: 1 };
const progress = (bytes: number, retransmissions = 0): Event => {
  return { ...TFTP, kind: 'tftp.progress', bytes, size: 100, retransmissions };
};
const DONE: Event = {
  ...TFTP,
  kind: 'tftp.done',
  bytes: 100,
  ms: 1,
  retransmissions: 3,
  blksize: 512,
  windowsize: 1,
};

test('a transfer counts what it has moved since it was counted last', () => {
  const tally = new Tally(SINCE);
  const after = (event: Event) => {
    tally.take({ service: 'tftp', id: 1, at: SINCE, event });
    return sums(tally.drain());
  };
  assert.deepEqual(after(START), {});
  assert.deepEqual(after(progress(40, 2)), { 'transferBytes tftp': 40, retransmissions: 2 });
  assert.deepEqual(after(progress(40, 2)), {});
  assert.deepEqual(after(DONE), { 'transferBytes tftp': 60, retransmissions: 1, 'transfers tftp done': 1 });
});

test('of a transfer that began before, only what it moves from then on counts', () => {
  const tally = new Tally(SINCE);
  tally.take({ service: 'tftp', id: 1, at: SINCE - 1, event: progress(90) });
  tally.take({ service: 'tftp', id: 2, at: SINCE, event: DONE });
  assert.equal(sums(tally.drain())['transferBytes tftp'], 10);
});

test('the numbers of a service that was started anew are new transfers', () => {
  assert.equal(counted('tftp', [START, progress(90), START, DONE])['transferBytes tftp'], 190);
});

test('what was recorded before the start is not counted', () => {
  assert.deepEqual(counted('tftp', [START, DONE], SINCE - 1), {});
});

test('transfers are counted by how they ended', () => {
  const http = { address: '10.0.0.5', name: 'a', transfer: 1 } as const;
  const aborted = { ...TFTP, kind: 'tftp.aborted', code: 0, message: '', bytes: 0, size: 1 } as const;
  const timeout = {
    ...TFTP,
    kind: 'tftp.timeout',
    bytes: 0,
    size: 1,
    retransmissions: 0,
    blksize: 512,
    windowsize: 1,
  } as const;
  const gone = { ...http, kind: 'http.asset.aborted', bytes: 0, wanted: 5, milliseconds: 1 } as const;
  const events: [Event, Service, string][] = [
    [{ ...aborted, probe: true }, 'tftp', 'asked-size'],
    [{ ...aborted, probe: false }, 'tftp', 'aborted'],
    [{ ...timeout, sentWhole: false }, 'tftp', 'timeout'],
    [{ ...timeout, sentWhole: true }, 'tftp', 'unacknowledged'],
    [{ ...TFTP, kind: 'tftp.failed', problem: 'EIO' }, 'tftp', 'failed'],
    [{ kind: 'tftp.not-found', address: '10.0.0.5', file: 'b', path: '/b' }, 'tftp', 'not-found'],
    [{ ...gone, reason: undefined }, 'http', 'aborted'],
    [{ ...gone, reason: 'EIO' }, 'http', 'failed'],
    [{ kind: 'http.not-found', address: '10.0.0.5', name: 'b', nearest: undefined }, 'http', 'not-found'],
  ];
  for (const [event, service, outcome] of events)
    assert.deepEqual(counted(service, [event]), { [`transfers ${service} ${outcome}`]: 1 });
});

test('DHCP messages are counted by type and direction, whatever strangers send', () => {
  const packet = (bytes: Uint8Array, direction: 'received' | 'sent' = 'received'): Event => {
    return { kind: 'dhcp.packet', mac: '52:54:00:00:00:01', direction, bytes };
  };
  const known = captured('ipxe-rom-bios');
  const result = counted('dhcp', [
    ...known.map(({ bytes }) => packet(bytes)),
    packet(new Uint8Array(3), 'sent'),
  ]);
  const expected = Object.groupBy(known, ({ what }) => what.toLowerCase());
  const total = Object.entries(expected).map(([type, some]) => [
    `dhcpMessages ${type} received`,
    some!.length,
  ]);
  assert.deepEqual(result, { ...Object.fromEntries(total), 'dhcpMessages other sent': 1 });
});

test('a boot is counted once, however often it is diagnosed; its stages and its time are durations', () => {
  const tally = new Tally(SINCE);
  const about = { mac: '52:54:00:00:00:01', attempt: '5', at: 5, firmware: 'pxe', architecture: 7 } as const;
  const failed = {
    ...about,
    kind: 'boot.diagnosed',
    certainty: 'failed',
    stage: 'loader',
    cause: '',
    remedy: '',
  } as const;
  tally.judged({ ...failed, code: 'a' });
  tally.judged({ ...failed, code: 'b' });
  tally.judged({ ...failed, code: 'b', certainty: 'suspect', attempt: '6' });
  tally.judged({
    ...about,
    attempt: '6',
    kind: 'boot.done',
    outcome: 'booted',
    milliseconds: 12_000,
    way: [],
  });
  tally.judged({ ...about, kind: 'boot.stage', stage: 'kernel', state: 'done', milliseconds: 500 });
  const measurements = tally.drain();
  assert.deepEqual(sums(measurements), {
    'diagnoses a failed': 1,
    'diagnoses b failed': 1,
    'diagnoses b suspect': 1,
    'boots failed pxe UEFI x64': 1,
    'boots booted pxe UEFI x64': 1,
  });
  const labels = { firmware: 'pxe', architecture: 'UEFI x64' };
  assert.deepEqual(
    measurements.filter((one) => 'histogram' in one),
    [
      { histogram: 'bootDuration', labels, seconds: 12 },
      { histogram: 'stageDuration', labels: { stage: 'kernel', ...labels }, seconds: 0.5 },
    ],
  );
});

test('an architecture that machines make up is no label of its own', () => {
  const tally = new Tally(SINCE);
  for (const architecture of [4711, 65_535, undefined])
    tally.judged({
      kind: 'boot.done',
      mac: '52:54:00:00:00:01',
      attempt: String(architecture),
      at: 5,
      firmware: 'pxe',
      architecture,
      outcome: 'booted',
      milliseconds: 1,
      way: [],
    });
  assert.deepEqual(sums(tally.drain()), { 'boots booted pxe other': 2, 'boots booted pxe unknown': 1 });
});

test('lost events are counted as their gap grows, and those of long ago never', () => {
  const tally = new Tally(SINCE);
  const covered = (...gaps: [from: number, to: number, events: number][]) => {
    tally.covered({
      runs: [],
      gaps: gaps.map(([from, to, events]) => ({ service: 'dhcp', from, to, events })),
    });
    return sums(tally.drain())['journalLost dhcp'] ?? 0;
  };
  assert.equal(covered([10, 20, 500]), 0);
  assert.equal(covered([10, 20, 500], [2000, 2010, 3]), 3);
  assert.equal(covered([10, 20, 500], [2000, 2020, 8]), 5);
  assert.equal(covered([2000, 2020, 8]), 0);
});

test('DHCP messages of a crowd count, though their packets are not kept', () => {
  const crowd: Event = {
    kind: 'dhcp.crowd',
    milliseconds: 1000,
    events: { 'dhcp.ack': 3 },
    packets: [
      { direction: 'received', type: 3, packets: 7 },
      { direction: 'sent', type: 5, packets: 6 },
      { direction: 'received', type: 0, packets: 1 },
    ],
  };
  assert.deepEqual(counted('dhcp', [crowd]), {
    'dhcpMessages request received': 7,
    'dhcpMessages ack sent': 6,
    'dhcpMessages other received': 1,
  });
});

test('what met a limit counts by how many that were, though it is told once', () => {
  const burst = { count: 700, sources: 1, address: '10.0.0.66', milliseconds: 1000, allowed: 256 } as const;
  const limited: Event[] = [
    { kind: 'tftp.limited', limit: 'hurry', ...burst },
    { kind: 'tftp.limited', limit: 'hurry', ...burst, count: 5 },
  ];
  assert.deepEqual(counted('tftp', limited), { 'turnedAway tftp hurry': 705 });
  assert.deepEqual(counted('http', [{ kind: 'http.limited', limit: 'slow', ...burst }]), {
    'turnedAway http slow': 700,
  });
});
