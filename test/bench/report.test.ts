import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../bench/contract.ts';
import { markdown, plain, replaced, sentence, shown } from '../../bench/report.ts';
import { judge } from '../../bench/verdict.ts';

const script: Measurement = {
  id: 'http-script-c64',
  work: 'HTTP boot script',
  unit: 'requests/s',
  better: 'more',
  samples: { ours: [93_000, 90_000, 99_000], nginx: [100_000, 100_000, 100_000] },
};

test('numbers are shown with three digits that count', () => {
  const shows = {
    '34117': '34,100',
    '2.8719': '2.87',
    '12.34': '12.3',
    '186.6': '187',
    '0': '0',
    '0.931': '0.93',
  };
  for (const [value, text] of Object.entries(shows)) assert.equal(shown(Number(value)), text);
  assert.equal(shown(Number.POSITIVE_INFINITY), '∞');
});

test('a mark that is reached is said with its ratio and spread, and one that is not as plainly', () => {
  const mark = { suite: 'http', id: script.id, against: 'nginx', atLeast: 0.9 } as const;
  assert.equal(sentence(judge(mark, script)), 'reached: 0.93 × nginx (0.90–0.99)');
  assert.equal(sentence(judge({ ...mark, atLeast: 1 }, script)), '**not reached**: 0.93 × nginx (0.90–0.99)');
});

test('a mark without a peer is about the number itself', () => {
  const memory = { ...script, samples: { ours: [100, 111, 105] } };
  const mark = { suite: 'footprint', id: script.id, atMost: 110 } as const;
  assert.equal(sentence(judge(mark, memory)), 'reached: 105 (100–111)');
  assert.equal(sentence(judge({ ...mark, atMost: 104 }, memory)), '**not reached**: 105 (100–111)');
});

test('the best peer is found by the measurement, and no peer at all is said', () => {
  const mark = { suite: 'http', id: script.id, against: 'best peer', atLeast: 2 } as const;
  const two = { ...script, samples: { ours: [20], slow: [1], fast: [5] } };
  assert.equal(sentence(judge(mark, two)), 'reached: 4.00 × fast');
  const alone = judge(mark, { ...script, samples: { ours: [20] } });
  assert.deepEqual([alone.good, sentence(alone)], [false, 'not measured']);
});

test('a mark between two columns of a measurement compares those', () => {
  const cost = { ...script, samples: { 'nearly empty': [10, 10], 'nearly full': [11, 11] } };
  const mark = {
    suite: 'pool',
    id: script.id,
    who: 'nearly full',
    against: 'nearly empty',
    atMost: 1.2,
  } as const;
  assert.equal(sentence(judge(mark, cost)), 'reached: 1.10 × nearly empty');
});

test('the table has a row for each measurement, with its marks, and remarks below', () => {
  const failing = {
    ...script,
    samples: { ours: [1], nginx: [null] },
    remarks: ['nginx failed'],
    wrong: ['lost bytes'],
  };
  assert.equal(
    markdown([script, failing, { ...script, id: 'no-mark' }]),
    [
      '| work | ours | peers | mark | reached |',
      '| --- | --- | --- | --- | --- |',
      '| HTTP boot script, requests/s | 93,000 (90,000–99,000) | nginx 100,000 | ≥ 1 × nginx | **not reached**: 0.93 × nginx (0.90–0.99) |',
      '| HTTP boot script, requests/s | 1.00 | nginx failed | ≥ 1 × nginx | not measured |',
      '| HTTP boot script, requests/s | 93,000 (90,000–99,000) | nginx 100,000 | – | – |',
      '',
      '- HTTP boot script: nginx failed',
      '- HTTP boot script: **wrong:** lost bytes',
    ].join('\n'),
  );
});

test('a terminal is told the same', () => {
  assert.equal(
    plain({ ...script, wrong: ['lost bytes'] }),
    [
      '  HTTP boot script, requests/s: ours 93,000 (90,000–99,000) | nginx 100,000',
      '    ≥ 1 × nginx … not reached: 0.93 × nginx (0.90–0.99)',
      '    WRONG: lost bytes',
    ].join('\n'),
  );
});

test('what stands between markers is replaced, as often as one likes, and nothing else', () => {
  const document = 'before\n<!-- results -->\nold\n<!-- /results -->\nafter\n';
  const once = replaced(document, 'results', 'new');
  assert.equal(once, 'before\n<!-- results -->\nnew\n<!-- /results -->\nafter\n');
  assert.equal(replaced(once, 'results', 'new'), once);
  assert.throws(() => replaced('nothing', 'results', 'new'), /<!-- results -->/);
});
