import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { systemCalls } from '../lab/system-calls.ts';
import { Folder } from './folder.ts';

const WRITER = new URL('../../src/assets/atomic-write.ts', import.meta.url).href;

test('a file gets its name once all of it is on disk, and that name is on disk before the write counts as done', {
  ...requires('strace'),
}, () => {
  using folder = new Folder();
  const file = folder.at('undionly.kpxe');
  const calls = systemCalls(
    `import { statSync } from 'node:fs';
     import { writeAtomically } from ${JSON.stringify(WRITER)};
     await writeAtomically(${JSON.stringify(file)}, Buffer.alloc(3 << 20, 'x'));
     statSync('/is-done', { throwIfNoEntry: false });`,
    ['write', 'fsync', 'rename', 'statx'],
  );
  const one = (name: string, text: RegExp) => {
    const found = calls.filter((call) => call.name === name && text.test(call.text));
    assert.ok(found.length > 0, `no ${name} of ${text}`);
    return found.at(-1)!;
  };
  const written = one('write', /remoteboot-part>/);
  const synced = one('fsync', /remoteboot-part>/);
  const named = one('rename', /remoteboot-part", ".*undionly\.kpxe"/);
  const folderSynced = one('fsync', new RegExp(`<${folder.path}>`));
  const done = one('statx', /is-done/);
  const order = [written, synced, named, folderSynced, done];
  for (const [at, call] of order.slice(1).entries())
    assert.ok(order[at]!.done <= call.begun, `${order[at]!.name} had not returned before ${call.name}`);
});
