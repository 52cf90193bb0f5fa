import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosisGate } from '../../../src/http/observer/diagnosis-gate.ts';
import type { Event } from '../../../src/journal/event.ts';
import { render } from '../../../src/journal/render.ts';
import type { Verdict } from '../../../src/journal/timeline/verdict.ts';

/** A gate on a clock of its own. */
function gate() {
  const told: Event[] = [];
  const timers: { at: number; callback: () => void }[] = [];
  let now = 0;
  const later = (milliseconds: number, callback: () => void) => {
    timers.push({ at: now + milliseconds, callback });
  };
  const one = new DiagnosisGate(
    (event) => told.push(event),
    () => now,
    later,
  );
  return {
    told,
    tell: (verdict: Verdict) => one.tell(verdict),
    pass(milliseconds: number) {
      now += milliseconds;
      for (const { callback } of timers.splice(0).filter(({ at }) => at <= now)) callback();
    },
  };
}

const diagnosed = (mac: number, code: string): Verdict => ({
  kind: 'boot.diagnosed',
  mac: `02:00:00:00:00:${mac.toString(16).padStart(2, '0')}`,
  attempt: String(mac),
  at: 0,
  firmware: 'pxe',
  architecture: 0,
  code,
  certainty: 'failed',
  stage: 'address',
  cause: 'There is no address left for it.',
  remedy: 'Raise LEASE_COUNT.',
});

test('a few machines that end for the same reason are told one by one', () => {
  const { told, tell, pass } = gate();
  for (let mac = 0; mac < 30; mac++) tell(diagnosed(mac, 'pool-used-up'));
  pass(120_000);
  assert.equal(told.length, 30);
});

test('of a crowd that ends for the same reason, the rest is told in one line once a second old', () => {
  const { told, tell, pass } = gate();
  for (let time = 0; time < 200; time++) tell(diagnosed(time, 'pool-used-up'));
  assert.equal(told.length, 30);
  pass(1000);
  assert.equal(told.length, 31);
  assert.match(
    render(told[30]!).text,
    /^170 more boots ended for the same reason in 1\.0 s, of .* and 169 others: /,
  );
});

test('another reason is told of its own, and the same one again a minute later', () => {
  const { told, tell, pass } = gate();
  for (let mac = 0; mac < 31; mac++) tell(diagnosed(mac, 'pool-used-up'));
  tell(diagnosed(1, 'kernel-missing'));
  assert.equal(told.length, 31);
  pass(60_000);
  tell(diagnosed(2, 'pool-used-up'));
  assert.deepEqual(told.map(({ kind }) => kind).slice(-2), ['boot.diagnosed-alike', 'boot.diagnosed']);
});

test('what a boot has reached is always told', () => {
  const { told, tell } = gate();
  const done = { mac: '02:00:00:00:00:01', at: 0, firmware: 'pxe', architecture: 0 } as const;
  for (let time = 0; time < 500; time++)
    tell({ kind: 'boot.done', attempt: String(time), ...done, outcome: 'booted', milliseconds: 1, way: [] });
  assert.equal(told.length, 500);
});
