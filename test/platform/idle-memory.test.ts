import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileMappings, giveBack, Lull } from '../../src/platform/idle-memory.ts';

test('a lull is told once, after some looks without work, and again only after more work', () => {
  const lull = new Lull();
  let used = 0;
  const told = (work: readonly number[]) =>
    work.map((milliseconds) => {
      used += milliseconds;
      return lull.look(used);
    });
  assert.deepEqual(told([5000, 0, 10, 20]), [false, false, false, false]);
  assert.deepEqual(told([900, 0, 0, 0, 0, 0, 0]), [false, false, false, false, true, false, false]);
  assert.deepEqual(told([900, 0, 0, 0, 0]), [false, false, false, false, true]);
});

const entry = (head: string, anonymous: number) =>
  `${head}\nSize: 100 kB\nPss: 50 kB\nAnonymous:        ${anonymous} kB\nVmFlags: rd mr\n`;

test('only mappings of files that hold nothing of the process’s own are unmapped', () => {
  const smaps = [
    entry('00400000-0082e000 r--p 00000000 fe:00 1234                       /usr/bin/node', 0),
    entry('0082e000-03489000 r-xp 0042e000 fe:00 1234                       /usr/bin/node', 0),
    entry('03489000-03490000 r--p 03089000 fe:00 1234                       /usr/bin/node', 24),
    entry('03490000-03500000 rw-p 03090000 fe:00 1234                       /usr/bin/node', 0),
    entry('7f0000000000-7f0000001000 r--s 00000000 fe:00 77                 /state/leases.sqlite-shm', 0),
    entry('7f0000002000-7f0000003000 r--p 00000000 00:00 0 ', 0),
    entry('7ffc8ec00000-7ffc8ec21000 r-xp 00000000 00:00 0                  [vdso]', 0),
  ].join('');
  assert.deepEqual(fileMappings(smaps), [
    { from: 0x400000n, to: 0x82e000n },
    { from: 0x82e000n, to: 0x3489000n },
  ]);
});

test('those of a real process are found, and giving them back takes nothing that is needed', () => {
  const found = fileMappings(readFileSync('/proc/self/smaps', 'utf8'));
  assert.ok(found.some(({ from, to }) => to - from > 10_000_000n));
  const kept = { text: 'kept'.repeat(1000), bytes: Buffer.alloc(100_000, 7) };
  giveBack();
  assert.equal(kept.text.length, 4000);
  assert.ok(kept.bytes.every((byte) => byte === 7));
  assert.match(execFileSync(process.execPath, ['--version'], { encoding: 'utf8' }), /^v\d/);
});
