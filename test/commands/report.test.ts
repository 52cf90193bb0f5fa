import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { readArguments } from '../../src/commands/command.ts';
import { type Out, printReport, type Report, type ReportLine, stateOf } from '../../src/commands/report.ts';

function printed(report: Report, format: 'text' | 'json' = 'text', terminal: Partial<Out> = {}) {
  const out = Object.assign(new PassThrough(), terminal) as Out & PassThrough;
  const status = printReport(report, out, format);
  return { status, text: String(out.read() ?? '') };
}

const of = (...lines: ReportLine[]): Report => ({ command: 'doctor', sections: [{ title: 'Ports', lines }] });

test('states, names and findings stand in columns, with the remedy below', () => {
  const { text } = printed(
    of(
      { state: 'ok', what: 'UDP 67', detail: 'dhcp has it' },
      {
        state: 'fail',
        what: 'TCP 8080',
        detail: 'held',
        remedy: 'stop that',
        command: 'sudo kill 7',
        more: ['a', ' b'],
      },
    ),
  );
  assert.equal(
    text,
    [
      'Ports',
      '  ok       UDP 67    dhcp has it',
      '  fail     TCP 8080  held',
      '                     → stop that',
      '                     $ sudo kill 7',
      '                     a',
      '                      b',
      '',
    ].join('\n'),
  );
});

test('what it comes to is printed last, and is a field of the JSON', () => {
  const report = { ...of({ state: 'ok', what: 'a', detail: 'b' }), summary: 'All is well.' };
  assert.equal(printed(report).text, 'Ports\n  ok       a  b\n\nAll is well.\n');
  assert.equal(JSON.parse(printed(report, 'json').text).summary, 'All is well.');
});

test('a terminal gets colours and lines of its width, whose columns stay as they are', () => {
  const line: ReportLine = {
    state: 'warn',
    what: 'disk',
    detail: 'word '.repeat(40).trim(),
    command: 'x '.repeat(60),
  };
  const { text } = printed(of(line), 'text', { isTTY: true, columns: 80 });
  assert.ok(text.includes('\u001b[33m'));
  const rows = stripVTControlCharacters(text).trimEnd().split('\n');
  const detail = rows.filter((row) => row.includes('word'));
  assert.ok(detail.length > 1);
  for (const row of detail) {
    assert.ok(row.length <= 80, row);
    assert.equal(row.search(/word/), 17);
  }
  assert.equal(
    rows.filter((row) => row.includes('$ x x')).length,
    1,
    'a command is copied, so it is not broken',
  );
});

test('whatever the texts hold, no control character but the line breaks of the layout is printed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { text: all } = printed(
        of({ state: 'note', what: text, detail: text, remedy: text, command: text, more: [text] }),
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      assert.doesNotMatch(all, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      // Title, head, finding, remedy, command, more.
      assert.ok(all.trimEnd().split('\n').length <= 6);
    }),
  );
});

test('JSON has the worst state, the fields of the command and every line', () => {
  const report = {
    ...of({ state: 'unknown', what: 'nft', detail: '\u001b[31m' }),
    data: { milliseconds: 3 },
  };
  const { text, status } = printed(report, 'json');
  assert.deepEqual(JSON.parse(text), {
    command: 'doctor',
    state: 'unknown',
    milliseconds: 3,
    sections: [{ title: 'Ports', lines: [{ state: 'unknown', what: 'nft', detail: '\u001b[31m' }] }],
  });
  assert.ok(!text.includes('\u001b'));
  assert.equal(status, 0);
});

test('the exit status is 1 where a line has failed, and 0 for anything less', () => {
  const status = (...states: ReportLine['state'][]) =>
    printed(of(...states.map((state) => ({ state, what: 'x', detail: 'y' })))).status;
  assert.equal(status('ok', 'warn', 'unknown', 'note'), 0);
  assert.equal(status('ok', 'fail', 'ok'), 1);
  assert.equal(stateOf(of()), 'ok');
  assert.equal(stateOf(of({ state: 'note', what: 'x', detail: 'y' })), 'ok');
});

test('wrong arguments are told with the usage and status 2, help with status 0', () => {
  const read = (args: string[], words = 0) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const answer = readArguments({ args, out, err }, { usage: 'usage: doctor', options: {}, words });
    return { answer, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
  };
  assert.deepEqual(read(['--nonsense']).answer, { status: 2 });
  assert.match(read(['--nonsense']).err, /'--nonsense'\nusage: doctor\n$/);
  assert.deepEqual(read(['word']).answer, { status: 2 });
  assert.deepEqual(read(['a', 'b'], 1).answer, { status: 2 });
  assert.deepEqual(read(['--help']), { answer: { status: 0 }, out: 'usage: doctor\n', err: '' });
  const { answer } = read(['--json', 'a'], 1);
  assert.ok('values' in answer && answer.values.json === true);
  assert.deepEqual(answer.words, ['a']);
});
