import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crowd } from '../../src/journal/crowd.ts';
import type { Event } from '../../src/journal/event.ts';
import { render } from '../../src/journal/render.ts';

const mac = '52:54:00:00:00:01';
const client = { firmware: 'pxe', architecture: 0, hostName: undefined } as const;
const bytes = (type: number) => Buffer.concat([Buffer.alloc(240), Buffer.of(53, 1, type, 255)]);
const EXCHANGE: readonly Event[] = [
  { kind: 'dhcp.packet', mac, direction: 'received', bytes: bytes(1) },
  { kind: 'dhcp.discover', mac, client },
  { kind: 'dhcp.offer', mac, client, address: 1, plan: { kind: 'none' } },
  { kind: 'dhcp.packet', mac, direction: 'sent', bytes: bytes(2) },
  { kind: 'dhcp.packet', mac, direction: 'received', bytes: bytes(3) },
  { kind: 'dhcp.request', mac, client, address: 1, state: 'selecting' },
  { kind: 'dhcp.ack', mac, client, address: 1, plan: { kind: 'none' }, seconds: 60 },
  { kind: 'dhcp.packet', mac, direction: 'sent', bytes: bytes(5) },
];

function rig(limits?: { atOnce: number; perSecond: number }) {
  const told: Event[] = [];
  const timers: (() => void)[] = [];
  const clock = { now: 0 };
  const crowd = new Crowd(
    (event) => told.push(event),
    () => clock.now,
    (_wait, callback) => timers.push(callback),
    limits,
  );
  const machines = (count: number) => {
    for (let n = 0; n < count; n++) EXCHANGE.forEach(crowd.tell);
  };
  return { told, timers, clock, crowd, machines };
}

test('of a rack that powers up at once everything is told', () => {
  const { told, timers, machines } = rig();
  machines(1000);
  assert.equal(told.length, 8000);
  assert.equal(timers.length, 0);
});

test('of more than that packets are left out first, then exchanges, and it is told once how many', () => {
  const { told, timers, clock, machines } = rig({ atOnce: 160, perSecond: 0 });
  machines(10);
  assert.equal(told.length, 80);
  machines(20);
  assert.equal(told.length, 160);
  assert.equal(told.filter(({ kind }) => kind === 'dhcp.packet').length, 40, 'those of the first ten');
  assert.equal(timers.length, 0 + 1);
  machines(3);
  clock.now = 1000;
  timers[0]!();
  const packets = [
    { direction: 'received', type: 1, packets: 23 },
    { direction: 'sent', type: 2, packets: 23 },
    { direction: 'received', type: 3, packets: 23 },
    { direction: 'sent', type: 5, packets: 23 },
  ];
  const events = { 'dhcp.discover': 3, 'dhcp.offer': 3, 'dhcp.request': 3, 'dhcp.ack': 3 };
  assert.deepEqual(told.slice(160), [{ kind: 'dhcp.crowd', milliseconds: 1000, events, packets }]);
  assert.match(render(told.at(-1)!).text, /^3 more OFFERs and 3 more ACKs within 1000 ms .* 92 packets /);
});

test('where only packets are left out the log does not speak of it', () => {
  const { told, timers, machines } = rig({ atOnce: 160, perSecond: 0 });
  machines(12);
  timers[0]!();
  assert.equal(render(told.at(-1)!).level, 'debug');
});

test('what is worth telling is told in every crowd', () => {
  const { told, crowd, machines } = rig({ atOnce: 8, perSecond: 0 });
  machines(10);
  const before = told.length;
  crowd.tell({ kind: 'dhcp.nak', mac, address: 1, reason: 'another machine has it' });
  assert.equal(told.length, before + 1);
});

test('as time goes by, so much is told again', () => {
  const { told, clock, machines } = rig({ atOnce: 16, perSecond: 8 });
  machines(10);
  told.length = 0;
  clock.now = 1000;
  machines(10);
  assert.equal(told.length, 8);
  told.length = 0;
  clock.now = 1e6;
  machines(1);
  assert.equal(told.length, 8, 'packets and all');
});

test('whoever stops tells what was left out until then, once', () => {
  const { told, timers, crowd, machines } = rig({ atOnce: 8, perSecond: 0 });
  machines(2);
  crowd.sumUp();
  assert.equal(told.at(-1)!.kind, 'dhcp.crowd');
  const before = told.length;
  timers[0]!();
  assert.equal(told.length, before);
});
