import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ifRangeHolds, parseRange } from '../../src/http/range.ts';

const table: [string | undefined, number, ReturnType<typeof parseRange>][] = [
  [undefined, 100, 'all'],
  ['bytes=0-9', 100, { first: 0, last: 9 }],
  ['bytes=90-200', 100, { first: 90, last: 99 }],
  ['bytes=5-', 100, { first: 5, last: 99 }],
  ['bytes=-5', 100, { first: 95, last: 99 }],
  ['bytes=-500', 100, { first: 0, last: 99 }],
  ['Bytes= 0-0 ', 100, { first: 0, last: 0 }],
  ['bytes=100-', 100, 'beyond'],
  ['bytes=-0', 100, 'beyond'],
  ['bytes=0-', 0, 'beyond'],
  ['bytes=-1', 0, 'beyond'],
  ['bytes=9-5', 100, 'all'],
  ['bytes=-', 100, 'all'],
  ['bytes=0-1,3-4', 100, 'all'],
  ['bytes=x-1', 100, 'all'],
  ['lines=0-1', 100, 'all'],
  ['bytes=99999999999999999999-', 100, 'beyond'],
];

for (const [header, size, expected] of table) {
  test(`Range ${header} of ${size} bytes is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseRange(header, size), expected);
  });
}

test('If-Range holds for this version alone, and neither a weak tag nor a date ever does', () => {
  const date = 'Mon, 01 Jan 2001 00:00:00 GMT';
  assert.equal(ifRangeHolds(undefined, '"a"'), true);
  assert.equal(ifRangeHolds('"a"', '"a"'), true);
  assert.equal(ifRangeHolds(date, '"a"'), false);
  assert.equal(ifRangeHolds('W/"a"', '"a"'), false);
  assert.equal(ifRangeHolds('"b"', '"a"'), false);
});
