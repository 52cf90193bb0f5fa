import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ObserverError } from '../../../src/http/observer/observed.ts';
import { Observer } from '../../../src/http/observer/observer.ts';
import type { Event } from '../../../src/journal/event.ts';
import { within } from '../within.ts';
import { Journals } from './journals.ts';

const MAC = '52:54:00:00:00:01';
const WAIT = 20_000;

test('a thread that dies is replaced, and what was known is known again without being told or counted twice', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await journals.boot(MAC);
  const told = (kind: Event['kind']) => journals.events.filter((event) => event.kind === kind);
  await within(WAIT, () => told('boot.done').length === 1);
  await journals.threads[0]?.terminate();
  await within(WAIT, () => told('http.observer.ended').length === 1);
  assert.equal(await observer.machines().catch((error) => error instanceof ObserverError), true);
  assert.match((await observer.problems()).join(), /not read at the moment/);
  await within(WAIT, () => journals.changes.filter(({ anew }) => anew).length === 2);
  const [machine] = await observer.machines();
  assert.equal(machine?.attempt?.outcome, 'booted');
  assert.equal(told('boot.done').length, 1);
  const counted = journals.changes.flatMap(({ measurements }) => measurements);
  const boots = counted.filter((one) => 'counter' in one && one.counter === 'boots');
  assert.deepEqual(
    boots.map((one) => 'by' in one && one.by),
    [1],
  );
  assert.deepEqual(await observer.problems(), []);
});

test('questions under way when the thread dies are answered with that, and stay no longer', async () => {
  await using journals = new Journals();
  const observer = journals.observe();
  await within(WAIT, () => journals.changes.length > 0);
  const asked = [observer.machines(), observer.leases(), observer.machine(MAC)];
  const settled = Promise.allSettled(asked);
  await journals.threads[0]?.terminate();
  for (const answer of await settled) {
    if (answer.status === 'rejected') assert.match(String(answer.reason), /broke off/);
  }
  await observer.stop();
  await assert.rejects(observer.machines(), ObserverError);
});

test('a thread that dies at once is tried again later and later, and each time is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const events: Event[] = [];
  let opened = 0;
  const open = () => {
    opened += 1;
    return new Worker('throw new Error("no such luck")', { eval: true });
  };
  const observer = new Observer({
    state: '/nonexistent',
    sink: (event) => void events.push(event),
    now: () => 0,
    open,
  });
  observer.start();
  const retries = () =>
    events.flatMap((event) => (event.kind === 'http.observer.ended' ? event.retryIn : []));
  for (const retryIn of [1000, 2000, 4000]) {
    const before = opened;
    await turns(() => retries().at(-1) === retryIn);
    t.mock.timers.tick(retryIn - 1);
    assert.equal(opened, before);
    t.mock.timers.tick(1);
    assert.equal(opened, before + 1);
  }
  const [first] = events;
  assert.match(first?.kind === 'http.observer.ended' ? first.reason : '', /no such luck/);
  await observer.stop();
});

/** As `within`, where setTimeout is in the test's hands. */
async function turns(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('still not so');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
