import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Impairment, Line, OVERTAKEN_BY } from '../../../reliability/loss/line.ts';
import { Random } from '../../fuzz/random.ts';

const FRAMES = 20_000;
const GOOD: Impairment = { loss: 0, duplicates: 0, reordered: 0 };

/** Sends numbered frames, one each millisecond. @returns the numbers as they come out. */
function through(impairment: Partial<Impairment>, seed = 1, frames = FRAMES): number[] {
  const line = new Line({ ...GOOD, ...impairment }, new Random(seed));
  const out: Uint8Array[] = [];
  const frame = Buffer.alloc(4);
  for (let n = 0; n < frames; n++) {
    frame.writeUInt32LE(n);
    // The frame is overwritten by the next one, as a buffer is that is read into.
    out.push(...[...line.due(n), ...line.take(frame, n)].map((one) => Uint8Array.from(one)));
  }
  out.push(...line.due(Number.POSITIVE_INFINITY));
  return out.map((one) => Buffer.from(one).readUInt32LE());
}

const share = (part: number, wanted: number) =>
  assert.ok(Math.abs(part / FRAMES - wanted) < 0.01, `${part / FRAMES} rather than ${wanted}`);

test('a good line changes nothing', () => {
  const out = through({});
  assert.deepEqual(
    out,
    out.map((_, n) => n),
  );
  assert.equal(out.length, FRAMES);
});

test('a fifth is lost where a fifth is to be, and what comes is in order', () => {
  const out = through({ loss: 0.2 });
  share(out.length, 0.8);
  assert.deepEqual(
    out,
    out.toSorted((a, b) => a - b),
  );
});

test('duplicates follow what they are of', () => {
  const out = through({ duplicates: 0.05 });
  share(out.length - FRAMES, 0.05);
  assert.deepEqual(
    [...new Set(out)],
    out.filter((n, at) => n !== out[at - 1]),
  );
});

test('what is reordered comes once, a few places later', () => {
  const out = through({ reordered: 0.1 });
  assert.equal(new Set(out).size, FRAMES);
  assert.equal(out.length, FRAMES);
  const late = out.filter((n, at) => n < Math.max(...out.slice(Math.max(0, at - 20), at), -1));
  assert.ok(late.length > FRAMES * 0.08 && late.length < FRAMES * 0.11, `${late.length} came late`);
  assert.ok(out.every((n, at) => Math.abs(n - at) <= OVERTAKEN_BY * 3));
});

test('what is held back goes on by itself where nothing follows', () => {
  const line = new Line({ ...GOOD, reordered: 1 }, new Random(1));
  assert.deepEqual(line.take(Buffer.from('a'), 100), []);
  assert.deepEqual(line.due(line.next - 1), []);
  assert.deepEqual(line.due(line.next).map(String), [String(Uint8Array.from(Buffer.from('a')))]);
  assert.equal(line.next, Number.POSITIVE_INFINITY);
});

test('one seed is one row of misfortunes', () => {
  const bad = { loss: 0.2, duplicates: 0.1, reordered: 0.1 };
  assert.deepEqual(through(bad, 7), through(bad, 7));
  assert.notDeepEqual(through(bad, 7), through(bad, 8));
});
