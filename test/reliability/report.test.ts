import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, table } from '../../reliability/report.ts';

const finding = { id: 'a', claim: 'It stands', figure: '3 of 3', bound: 'all', holds: true };

test('a finding is a line: what is claimed, what was measured, what must be', () => {
  assert.equal(plain(finding), '  holds  It stands: 3 of 3 (all)');
  assert.equal(
    plain({ id: 'b', claim: 'It falls', figure: '1 of 3', holds: false }),
    '  WRONG  It falls: 1 of 3',
  );
});

test('what does not hold is said in the table', () => {
  assert.deepEqual(
    table([finding, { ...finding, figure: '2 of 3', holds: false }])
      .split('\n')
      .slice(2),
    ['| It stands | 3 of 3 | all |', '| It stands | 2 of 3 | all **does not hold** |'],
  );
});
