import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { asItStands, consoleLines } from '../../demo/console.ts';

async function lines(...chunks: readonly string[]): Promise<string[]> {
  return Array.fromAsync(consoleLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk, 'latin1')))));
}

test('a line is whole, however its bytes arrive, and empty ones are left out', async () => {
  assert.deepEqual(await lines('iPXE init', 'ialising...', 'ok\r\n\r', '\n   \r\nnext\n'), [
    'iPXE initialising...ok',
    'next',
  ]);
});

test('escape sequences do not reach the terminal, nor other control characters', () => {
  assert.equal(
    asItStands('\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS\x07\x00 \x1b[=3h\x1b[01;01H1.16\r'),
    'SeaBIOS 1.16',
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (raw) => !/\p{Cc}/u.test(asItStands(raw))));
});

test('what carriage returns and backspaces wrote over is gone', () => {
  assert.equal(asItStands('vmlinuz... 10%\rvmlinuz... ok \r'), 'vmlinuz... ok');
  assert.equal(
    asItStands('Press Ctrl-B\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \b\b \bnet0'),
    'net0',
  );
  assert.equal(asItStands('\b\bno further back'), 'no further back');
});
