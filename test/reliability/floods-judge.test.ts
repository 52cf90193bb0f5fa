import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../reliability/floods/flood.ts';
import { amplification, boots, services, strangers, unasked } from '../../reliability/floods/judge.ts';
import type { Boot } from '../../reliability/floods/victims.ts';
import type { Seen } from '../../reliability/floods/watch.ts';

const good: Boot = { booted: true, seconds: 0.5, why: 'booted' };
const bad: Boot = { booted: false, seconds: 30, why: 'bios: waits from the beginning' };
const each = <T>(value: T) => ({ dhcp: value, tftp: value, http: value });
const BOUNDS = { medianSeconds: 3, megabytes: each(100), lines: 10, replies: 6 };
const seen: Seen = {
  before: each(100),
  peak: each(120),
  after: each(110),
  said: each(['a line', '52:54:09:00:00:01 OFFER 10.88.0.10']),
  journal: each(1e6),
  asked: 5,
  answered: 5,
  unhealthy: [],
  gone: [],
};
const tally = (packets: number) => ({ packets, bytes: 100 * packets });
const report: Report = {
  flood: { id: 'noise', during: 'noise arrives', attacks: [] },
  calm: [good],
  during: [good, good, good],
  unknown: [],
  guest: [],
  seen: [seen],
  passed: [{ seconds: 10, received: tally(500_000), sent: tally(10), dropped: 5000 }],
  done: [],
};
const finding = (also: Partial<Seen>, id: string) =>
  services([{ ...report, seen: [{ ...seen, ...also }] }], BOUNDS).find((one) => one.id === id)!;

test('boots are told with their times, and with what came and found no room', () => {
  const { figure, holds } = boots(report, BOUNDS);
  assert.equal(
    figure,
    '3 of 3; median 0.50 s, worst 0.50 s (without: median 0.50 s, worst 0.50 s); 50,000 packets/s received, 1.0 % found no room',
  );
  assert.equal(holds, true);
});

test('one machine that does not boot is wrong, and why it did not is told', () => {
  const { figure, holds } = boots({ ...report, during: [good, good, bad] }, BOUNDS);
  assert.equal(holds, false);
  assert.match(figure, /2 of 3.*; bios: waits from the beginning$/);
});

test('boots that take too long are wrong', () => {
  assert.equal(boots({ ...report, during: [{ ...good, seconds: 4 }] }, BOUNDS).holds, false);
});

test('machines that nobody has seen are a finding of their own, where they were tried', () => {
  assert.deepEqual(strangers(report), []);
  assert.equal(strangers({ ...report, unknown: [good, bad] })[0]?.holds, false);
});

test('what services may not do is wrong when they do it', () => {
  assert.ok(services([report], BOUNDS).every(({ holds }) => holds));
  assert.equal(finding({ gone: ['dhcp'] }, 'processes').holds, false);
  assert.equal(finding({ answered: 4 }, 'health').holds, false);
  assert.equal(finding({ unhealthy: ['dhcp: no'] }, 'health').holds, false);
  assert.equal(finding({ peak: { ...each(120), http: 201 } }, 'memory').holds, false);
  assert.equal(finding({ said: each(new Array<string>(11).fill('a line')) }, 'log').holds, false);
  assert.equal(finding({ journal: each(40e6) }, 'journal').holds, false);
});

test('lines about machines that boot are not counted against the log', () => {
  const line = '52:54:09:00:00:01 OFFER 10.88.0.10';
  assert.equal(finding({ said: each(new Array<string>(50).fill(line)) }, 'log').holds, true);
});

test('a request is told from others by its port, and costs no more than is stated', () => {
  const requests = new Map([
    ['10.0.0.1:1000', tally(2)],
    ['10.0.0.1:2000', tally(1)],
    ['10.0.0.9:1', tally(1)],
  ]);
  const judged = (replies: [string, number][]) =>
    amplification(
      requests,
      new Map(replies.map(([peer, packets]) => [peer, tally(packets)])),
      (address) => address === '10.0.0.1',
      BOUNDS,
    );
  const within = judged([
    ['10.0.0.1:1000', 12],
    ['10.0.0.9:1', 500],
  ]);
  assert.equal(within.holds, true);
  assert.match(within.figure, /^2 ports: 6 packets at most, 3\.00 on average; 4\.0 × the bytes/);
  assert.equal(judged([['10.0.0.1:2000', 7]]).holds, false);
  assert.equal(judged([['10.0.0.1:3000', 1]]).holds, false);
});

test('an address that has sent nothing must be told nothing, unless it is everyone or a machine of the pool', () => {
  const asked = new Map([['10.0.0.1', tally(1)]]);
  const told = (address: string) => new Map([[address, tally(1)]]);
  const mayBeTold = (address: string) => address === '255.255.255.255';
  assert.equal(unasked(asked, told('10.0.0.1'), mayBeTold).holds, true);
  assert.equal(unasked(asked, told('255.255.255.255'), mayBeTold).holds, true);
  const { holds, figure } = unasked(asked, told('10.0.0.2'), mayBeTold);
  assert.equal(holds, false);
  assert.equal(figure, '1 of 1 addresses: 10.0.0.2');
});
