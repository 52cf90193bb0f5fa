import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/journal/event.ts';
import { render } from '../../src/journal/render.ts';
import { StarvationWatch } from '../../src/journal/starvation.ts';

function rig() {
  const told: Event[] = [];
  const timers: (() => void)[] = [];
  const clock = { now: 0 };
  const watch = new StarvationWatch(
    (event) => told.push(event),
    'eth1',
    () => clock.now,
    (_wait, callback) => timers.push(callback),
  );
  const turnAway = (count: number, source = '') => {
    for (let n = 0; n < count; n++) watch.tell({ kind: 'dhcp.turned-away', source });
  };
  /** So many seconds, one flood of 100 in each of them where there is one. */
  const pass = (seconds: number, count = 0) => {
    for (let n = 0; n < seconds / 10; n++) {
      turnAway(count);
      clock.now += 10_000;
      timers.splice(0).forEach((look) => void look());
    }
  };
  return { told, timers, clock, watch, turnAway, pass };
}

const texts = (told: readonly Event[]) => told.map((event) => render(event).text);
const ACK: Event = {
  kind: 'dhcp.ack',
  mac: '52:54:00:00:00:01',
  client: { firmware: 'pxe', architecture: 0, hostName: undefined },
  address: 1,
  plan: { kind: 'none' },
  seconds: 600,
  probation: true,
};

test('a flood is told once after 10 s, with its size, its source, and what to do', () => {
  const { told, watch, pass, turnAway } = rig();
  turnAway(4712);
  watch.tell(ACK);
  pass(10, 100);
  assert.deepEqual(told[0], ACK, 'what happens to machines is passed on');
  const [said] = texts(told.slice(1));
  assert.match(
    said!,
    /^starvation: 4812 DISCOVERs of machines that are not known in 10 s, on eth1 itself; 1 of them asked again/,
  );
  assert.match(said!, /tcpdump -eni eth1/);
  pass(500, 100);
  assert.equal(told.length, 2);
});

test('it is told again every ten minutes, and once when it is over', () => {
  const { told, timers, pass } = rig();
  pass(620, 100);
  pass(100);
  assert.deepEqual(
    told.map((event) => event.kind === 'dhcp.starvation' && [event.seconds, event.over]),
    [
      [10, false],
      [610, false],
      [610, true],
    ],
  );
  assert.equal(timers.length, 0, 'nothing waits any more');
});

test('the relay port that most come from is named', () => {
  const { told, turnAway, pass } = rig();
  turnAway(20, '10.1.0.1 eth7');
  turnAway(50, '10.1.0.1 eth8');
  pass(10);
  assert.match(texts(told)[0]!, /through the relay 10\.1\.0\.1 eth8 and from 1 more sources/);
});

test('a few machines that are turned away are told by nothing but their own boot', () => {
  const { told, timers, turnAway, pass } = rig();
  turnAway(9);
  pass(100);
  assert.deepEqual([told, timers.length], [[], 0]);
});

test('whatever sources are made up, so many are kept', () => {
  const { told, turnAway, pass } = rig();
  for (let n = 0; n < 100_000; n++) turnAway(1, `10.1.0.1 port${n}`);
  pass(10);
  assert.equal(told[0]?.kind === 'dhcp.starvation' && told[0].others, 63);
});
