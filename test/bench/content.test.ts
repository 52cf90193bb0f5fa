import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentOf, isContent } from '../../bench/content.ts';

const BYTES = 3 << 20;
const content = contentOf(BYTES);

test('any piece of the content is known where it lies, however it is cut', () => {
  fc.assert(
    fc.property(fc.nat(BYTES - 1), fc.nat(1 << 20), fc.nat(64), (at, length, from) => {
      const piece = Buffer.concat([Buffer.alloc(from), content.subarray(at, at + length)]);
      assert.ok(isContent(piece, from, piece.length, at));
    }),
  );
});

test('one other byte shows', () => {
  fc.assert(
    fc.property(fc.nat(BYTES - 1), fc.integer({ min: 1, max: 255 }), (at, other) => {
      const start = Math.max(0, at - 300_000);
      const piece = Buffer.from(content.subarray(start, at + 1));
      piece[piece.length - 1]! ^= other;
      assert.ok(!isContent(piece, 0, piece.length, start));
    }),
  );
});

test('a piece in the place of another one shows, for every power of 2 between them', () => {
  const piece = content.subarray(0, 1448);
  for (let apart = 512; apart < BYTES; apart *= 2) assert.ok(!isContent(piece, 0, piece.length, apart));
});
