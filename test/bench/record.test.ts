import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SUITES } from '../../bench/contract.ts';
import { marks } from '../../bench/marks.ts';
import { documentWith, type Recorded, type SuiteRecord } from '../../bench/record.ts';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

const suite = (id: string, samples: Record<string, number[]>): SuiteRecord => ({
  date: '2026-01-02',
  level: 'full',
  machine: { processor: 'Some CPU', cores: 2, memoryGb: 8, kernel: '6.1' },
  versions: { nginx: '1.22.1-9' },
  settings: { nginx: 'as it comes' },
  measurements: [{ id, work: `Work ${id}`, unit: 'MB/s', better: 'more', samples }],
});

const recorded: Recorded = {
  limits: suite('limit-tcp', { 'this machine': [5] }),
  http: suite('http-256m-c1', { ours: [4], nginx: [2] }),
};

test('the page gets the results, the limits, and who took part, each in its place', () => {
  const page = documentWith(read('performance.md'), recorded);
  assert.match(
    page,
    /<!-- results -->\n\| work .*\| Work http-256m-c1, MB\/s \| 4.00 \| nginx 2.00 \|.*<!-- \/results -->/s,
  );
  assert.match(page, /<!-- limits -->\n\| what .*\| Work limit-tcp \| 5.00 MB\/s \|.*<!-- \/limits -->/s);
  assert.match(page, /\| http \| 2026-01-02 \| full \| 2 cores of Some CPU, 8 GB, Linux 6.1 \|/);
  assert.match(page, /\| nginx \| 1.22.1-9 \| as it comes \|/);
});

test('writing it once more changes nothing', () => {
  const page = documentWith(read('performance.md'), recorded);
  assert.equal(documentWith(page, recorded), page);
});

test('the page shows what performance.json holds', () => {
  assert.equal(
    documentWith(read('performance.md'), JSON.parse(read('performance.json'))),
    read('performance.md'),
  );
});

test('every mark is of a suite, and asks for something', () => {
  for (const { suite: name, atLeast, atMost } of marks) {
    assert.ok(SUITES.includes(name));
    assert.notEqual(atLeast, atMost);
  }
});
