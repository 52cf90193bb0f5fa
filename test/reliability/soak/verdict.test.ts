import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slope } from '../../../reliability/soak/slope.ts';
import { judge } from '../../../reliability/soak/verdict.ts';

const BOUNDS = { perHour: 1, slack: 4, most: 200 };

/** A value every five seconds. */
const series = (minutes: number, value: (minute: number) => number) =>
  Array.from({ length: minutes * 12 + 1 }, (_, n) => [n * 5, value(n / 12)] as const);

const noise = (n: number) => ((n * 7919) % 13) / 13;

test('what stays as it is is flat, with noise as without', () => {
  assert.equal(
    judge(
      series(15, () => 90),
      BOUNDS,
    ).flat,
    true,
  );
  assert.equal(
    judge(
      series(15, (minute) => 90 + 3 * noise(minute * 12)),
      BOUNDS,
    ).flat,
    true,
  );
});

test('what grows by half a megabyte a minute is not, however noisy it is', () => {
  const verdict = judge(
    series(15, (minute) => 90 + minute / 2 + 3 * noise(minute * 12)),
    BOUNDS,
  );
  assert.equal(verdict.flat, false);
  assert.ok(Math.abs(verdict.perHour - 30) < 2, `${verdict.perHour} an hour`);
  assert.ok(Math.abs(verdict.grown - 5) < 0.5, `${verdict.grown} in ten minutes`);
});

test('what grows slowly shows in a run of hours, not in one of minutes', () => {
  const leaking = (minute: number) => 90 + (3 * minute) / 60;
  assert.equal(judge(series(15, leaking), BOUNDS).flat, true);
  assert.equal(judge(series(6 * 60, leaking), BOUNDS).flat, false);
});

test('a saw-tooth is flat, as heaps are between collections; one whose feet rise is not', () => {
  const tooth = (minute: number) => 20 * (minute % 1.5);
  assert.equal(
    judge(
      series(15, (minute) => 60 + tooth(minute)),
      BOUNDS,
    ).flat,
    true,
  );
  assert.equal(
    judge(
      series(15, (minute) => 60 + tooth(minute) + minute),
      BOUNDS,
    ).flat,
    false,
  );
});

test('growth while it warms up is no growth', () => {
  const warming = (minute: number) => 60 + 10 * Math.min(minute, 4);
  assert.equal(judge(series(15, warming), BOUNDS).flat, true);
});

test('one moment above the most that is allowed is too much, warm or not', () => {
  assert.equal(
    judge(
      series(15, (minute) => (minute === 1 ? 201 : 90)),
      BOUNDS,
    ).flat,
    false,
  );
});

test('what shrinks is flat', () => {
  assert.equal(
    judge(
      series(15, (minute) => 150 - 5 * minute),
      BOUNDS,
    ).flat,
    true,
  );
});

test('what has a bound but no rate may grow up to the bound', () => {
  const journal = { perHour: Number.POSITIVE_INFINITY, slack: 0, most: 64 };
  assert.equal(
    judge(
      series(15, (minute) => 3 * minute),
      journal,
    ).flat,
    true,
  );
  assert.equal(
    judge(
      series(15, (minute) => 5 * minute),
      journal,
    ).flat,
    false,
  );
});

test('one sample is a run, too', () => {
  assert.equal(judge([[0, 90]], BOUNDS).flat, true);
});

test('the slope is that of the line where a fifth of the points is anything at all', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 10, maxLength: 10 }),
      (rise, wild) => {
        const points = Array.from(
          { length: 50 },
          (_, n) => [n, n % 5 === 2 ? wild[(n - 2) / 5]! : 7 + rise * n] as const,
        );
        // With at most a fifth of the points astray, more than half of all pairs lie on the line.
        assert.ok(Math.abs(slope(points) - rise) < 1e-6);
      },
    ),
  );
});
