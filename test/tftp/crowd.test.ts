import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { load } from './loader.ts';
import { Running } from './running.ts';

const MACHINES = 128;
/** As large as snponly.efi, and no multiple of the block. */
const loader = randomBytes(250_007);
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

for (const reads of ['at once', 'promise'] as const) {
  test(`128 machines at once each get the whole loader at windowsize 4 (reads: ${reads})`, async (t) => {
    const running = await Running.start(t, { 'snponly.efi': loader });
    running.assets.reads = reads;
    const sums = await Promise.all(
      Array.from({ length: MACHINES }, async (_, n) => {
        const sum = createHash('sha256');
        const options = { blksize: 1468, windowsize: 4, tsize: 0 };
        await load(running.service.port, 'snponly.efi', options, (data) => sum.update(data), `127.0.1.${n}`);
        return sum.digest('hex');
      }),
    );
    assert.deepEqual(new Set(sums), new Set([hash(loader)]));
    assert.equal(sums.length, MACHINES);
    assert.equal(running.events.filter(({ kind }) => kind === 'tftp.start').length, MACHINES);
    assert.ok(!running.has('tftp.refused') && !running.has('tftp.failed'));
  });
}
