import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { systemCalls } from '../lab/system-calls.ts';

const STORE = new URL('../../src/leases/sqlite-store.ts', import.meta.url).href;
const SAVES = 12;

test('a save counts as done once the disk says that it has all of it: its ACK survives a power cut', {
  ...requires('strace'),
}, () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'leases-'));
  const file = path.join(home, 'leases.sqlite');
  const calls = systemCalls(
    `import { statSync } from 'node:fs';
     import { SqliteLeaseStore } from ${JSON.stringify(STORE)};
     const store = new SqliteLeaseStore(${JSON.stringify(file)});
     for await (const _ of store.load()) {}
     for (let address = 1; address <= ${SAVES}; address++) {
       statSync('/begun-' + address, { throwIfNoEntry: false });
       const lease = { address, key: 'k', mac: 'm', hostName: '', state: 'bound', expires: 9 };
       await store.save([{ kind: 'put', lease }]);
       statSync('/done-' + address, { throwIfNoEntry: false });
     }
     await store.close();`,
    ['pwrite64', 'fsync', 'fdatasync', 'statx'],
  );
  rmSync(home, { recursive: true });
  const place = (mark: string) => calls.find(({ text }) => text.includes(`"/${mark}"`))!.begun;
  const log = calls.filter(({ text }) => text.includes('leases.sqlite-wal>'));
  for (let address = 1; address <= SAVES; address++) {
    const during = log.filter(
      ({ begun }) => begun > place(`begun-${address}`) && begun < place(`done-${address}`),
    );
    const written = during.filter(({ name }) => name === 'pwrite64').at(-1);
    const synced = during.filter(({ name }) => name.endsWith('sync')).at(-1);
    assert.ok(written && synced, `save ${address} was written and synced`);
    assert.ok(written.done < synced.begun, 'all of it had been written before');
    assert.ok(synced.done < place(`done-${address}`), 'the disk had answered');
  }
  const folderSynced = calls.find(({ name, text }) => name.endsWith('sync') && text.includes(`<${home}>`));
  assert.ok(folderSynced && folderSynced.done < place('done-1'), 'the log itself is on disk under its name');
});
