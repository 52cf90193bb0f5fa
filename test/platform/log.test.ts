import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Event } from '../../src/journal/event.ts';
import { printable, printableJson } from '../../src/platform/printable.ts';

const LOG = fileURLToPath(new URL('../../src/platform/log.ts', import.meta.url));
const PROGRAM = `
import { openLog } from ${JSON.stringify(LOG)};
const { format, events } = JSON.parse(await new Response(process.stdin).text());
const sink = openLog({ level: 'debug', format, service: 'tftp' });
for (const event of events) sink(event);
`;

/** What may stand in a line: nothing that moves a terminal, breaks a line, or cannot be seen. */
const SAFE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['\n', '\r', '\u001b[2J', '\u001b]0;title\u0007', '\u009b31m', '\0', '\u007f', '\u0085'],
        ...[
          '\u202e',
          '\u2066',
          '\u200b',
          '\ufeff',
          '\u2028',
          '\u2029',
          '\ud800',
          '\u{e0041}',
          '\\x1b',
          '"',
          '\\',
        ],
        '\n2026-01-01T00:00:00.000Z error forged',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

const event = nasty.chain((text) =>
  fc.constantFrom<Event>(
    { kind: 'tftp.refused', address: '10.0.0.5', problem: text },
    { kind: 'tftp.not-found', address: '10.0.0.5', file: text, path: text, nearest: text },
    { kind: 'http.refused', address: '10.0.0.5', status: 403, request: text, reason: text },
    { kind: 'http.not-found', address: '10.0.0.5', name: text, nearest: text },
    { kind: 'http.failed', address: '10.0.0.5', request: text, reason: text },
  ),
); // biome-ignore format: a table

function linesOf(format: 'text' | 'json', events: readonly Event[]): string[] {
  const input = JSON.stringify({ format, events });
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.equal(stderr, '');
  return stdout.split('\n').slice(0, -1);
}

for (const format of ['text', 'json'] as const) {
  test(`with LOG_FORMAT=${format} an event is one line, and nothing of it moves a terminal or hides`, () => {
    const events = fc.sample(event, 1000);
    const lines = linesOf(format, events);
    assert.equal(lines.length, events.length);
    for (const line of lines) assert.match(line, SAFE);
    if (format === 'text') for (const line of lines) assert.match(line, /^\S{24} (info|warn|error|debug) /);
    else
      for (const [at, line] of lines.entries()) {
        const { kind, ...fields } = events[at]!;
        assert.deepEqual(JSON.parse(line).detail, JSON.parse(JSON.stringify(fields)));
        assert.equal(JSON.parse(line).event, kind);
      }
  });
}

test('whatever the text, it is printed without what is not seen; a name of ordinary letters stays as it is', () => {
  fc.assert(fc.property(nasty, (text) => SAFE.test(printable(text))));
  assert.equal(printable('a\u202eb\u{e0041}\u0007'), 'a\\u202eb\\u{e0041}\\x07');
  for (const plain of ['vmlinuz-6.1 (amd64)', 'Küche', '台所', 'مطبخ', '💥'])
    assert.equal(printable(plain), plain);
});

test('a JSON text keeps its meaning when it is made printable', () => {
  fc.assert(
    fc.property(fc.array(nasty), (texts) => {
      const json = printableJson(JSON.stringify({ texts }, undefined, 2));
      for (const line of json.split('\n')) assert.match(line, SAFE);
      assert.deepEqual(JSON.parse(json), { texts });
    }),
  );
});
