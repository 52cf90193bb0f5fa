import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BootEvent } from '../../src/journal/boot-events.ts';
import { render } from '../../src/journal/render.ts';

const about = { mac: '52:54:00:00:00:01', attempt: '1', at: 1, firmware: 'pxe', architecture: 0 } as const;

test('a boot that is done says how long it took and by what way', () => {
  const done: BootEvent = {
    kind: 'boot.done',
    ...about,
    outcome: 'booted',
    milliseconds: 12_345,
    way: ['undionly.kpxe', 'vmlinuz'],
  };
  assert.deepEqual(render(done), {
    level: 'info',
    text: 'booted in 12.3 s: PXE, BIOS x86 → undionly.kpxe → vmlinuz',
  });
  assert.match(
    render({ ...done, outcome: 'loaded' }).text,
    /^has loaded all in 12\.3 s: .*has not asked for an address$/,
  );
});

test('a diagnosis is a warning with cause, remedy and where to read on; what is not known is none', () => {
  const wrong: BootEvent = {
    kind: 'boot.diagnosed',
    ...about,
    code: 'file-missing',
    certainty: 'failed',
    stage: 'kernel',
    cause: 'It asked for vmlinux.',
    remedy: 'Put it there.',
  };
  assert.deepEqual(render(wrong), {
    level: 'warn',
    text: 'It asked for vmlinux. Put it there. (docs/troubleshooting.md#file-missing)',
  });
  assert.equal(render({ ...wrong, certainty: 'unknown' }).level, 'info');
  assert.equal(
    render({ kind: 'boot.stage', ...about, stage: 'loader', state: 'done', milliseconds: 20 }).level,
    'debug',
  );
});
