import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Limits, largestBlock, negotiate } from '../../../src/protocol/tftp/negotiate.ts';

const limits: Limits = { blockSize: 1468, windowSize: 64, windowBytes: 128 * 1024 };
const terms = (options: Record<string, string>, size = 1000, l = limits) =>
  negotiate(new Map(Object.entries(options)), size, l);

test('without options there is no OACK: blocks of 512, one at a time', () => {
  assert.deepEqual(terms({}), { blockSize: 512, windowSize: 1, timeout: undefined, accepted: new Map() });
});

test('options are answered in the order of the request', () => {
  assert.deepEqual(
    [...terms({ tsize: '0', windowsize: '4', blksize: '1024', timeout: '3' }).accepted],
    [
      ['tsize', '1000'],
      ['windowsize', '4'],
      ['blksize', '1024'],
      ['timeout', '3'],
    ],
  );
});

test('a block larger than the adapter carries is answered with the largest that it does', () => {
  const { blockSize, accepted } = terms({ blksize: '65464' });
  assert.equal(blockSize, 1468);
  assert.equal(accepted.get('blksize'), '1468');
});

test('the default block stays 512 where the adapter carries less: the client has not agreed to another', () => {
  assert.equal(terms({}, 1000, { ...limits, blockSize: 300 }).blockSize, 512);
});

test('a window is capped by number and by the bytes on their way', () => {
  assert.equal(terms({ windowsize: '65535' }).windowSize, 64);
  const wide = { ...limits, blockSize: 65464 };
  const { windowSize, accepted } = terms({ windowsize: '64', blksize: '65464' }, 1e6, wide);
  assert.equal(windowSize, 2);
  assert.equal(accepted.get('windowsize'), '2');
});

test('the size of a file beyond 4 GB is told in full', () => {
  assert.equal(terms({ tsize: '0' }, 5_000_000_123).accepted.get('tsize'), '5000000123');
});

const ignored: [string, string][] = [
  ['blksize', '7'],
  ['blksize', '65465'],
  ['blksize', '0'],
  ['blksize', '-512'],
  ['blksize', '1e3'],
  ['blksize', ''],
  ['blksize', ' 512'],
  ['timeout', '0'],
  ['timeout', '256'],
  ['timeout', '3000'],
  ['windowsize', '0'],
  ['windowsize', '65536'],
  ['tsize', 'big'],
  ['rollover', '0'],
  ['multicast', ''],
  ['constructor', '1'],
  ['__proto__', '1'],
];

for (const [name, value] of ignored) {
  test(`${name}=${JSON.stringify(value)} is as if it had not been asked for`, () => {
    const asked = new Map([[name, value]]);
    assert.deepEqual(negotiate(asked, 1000, limits), terms({}));
  });
}

test('a block is 32 bytes less than the MTU, and within RFC 2348', () => {
  assert.equal(largestBlock(1500), 1468);
  assert.equal(largestBlock(9000), 8968);
  assert.equal(largestBlock(65536), 65464);
  assert.equal(largestBlock(20), 8);
});

test('whatever is asked, nothing is answered that was not asked, nor more than was asked', () => {
  const value = fc.oneof(fc.nat(70_000).map(String), fc.string({ maxLength: 6 }));
  const name = fc.constantFrom('blksize', 'tsize', 'timeout', 'windowsize', 'rollover', 'utimeout');
  const asked = fc
    .uniqueArray(fc.tuple(name, value), { selector: ([n]) => n })
    .map((o) => new Map<string, string>(o));
  fc.assert(
    fc.property(asked, fc.nat(), (options, size) => {
      const { accepted, blockSize, windowSize } = negotiate(options, size, limits);
      for (const option of accepted.keys()) assert.ok(options.has(option));
      for (const option of ['blksize', 'windowsize', 'timeout']) {
        if (accepted.has(option)) assert.ok(Number(accepted.get(option)) <= Number(options.get(option)));
      }
      assert.equal(blockSize, Number(accepted.get('blksize') ?? 512));
      assert.equal(windowSize, Number(accepted.get('windowsize') ?? 1));
    }),
  );
});
