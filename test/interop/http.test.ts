import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Rig } from '../http/rig.ts';
import { requires } from '../lab/requires.ts';

const run = promisify(execFile);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('curl', requires('curl'), () => {
  test('fetches a file byte for byte', async () => {
    await using rig = new Rig();
    const content = randomBytes(5_000_000);
    rig.images.write('vmlinuz', content);
    await rig.start();
    await run('curl', ['-fsS', '-o', rig.images.at('copy'), `${rig.url}/vmlinuz`]);
    assert.equal(sha256(readFileSync(rig.images.at('copy'))), sha256(content));
  });

  test('continues a broken download', async () => {
    await using rig = new Rig();
    const content = randomBytes(1_000_000);
    rig.images.write('vmlinuz', content);
    await rig.start();
    writeFileSync(rig.images.at('copy'), content.subarray(0, 300_000));
    await run('curl', ['-fsS', '-C', '-', '-o', rig.images.at('copy'), `${rig.url}/vmlinuz`]);
    assert.equal(sha256(readFileSync(rig.images.at('copy'))), sha256(content));
    // It is told when curl's last acknowledgement has come.
    for (let tries = 0; tries < 1000 && rig.of('http.asset.done').length === 0; tries++) await sleep(10);
    assert.deepEqual(rig.of('http.asset.done')[0]?.range, { first: 300_000, last: 999_999 });
  });

  test('fetches a part beyond 4 GiB', async () => {
    await using rig = new Rig();
    rig.images.write('disk.iso', '');
    truncateSync(rig.images.at('disk.iso'), 6 * 2 ** 30);
    rig.images.age('disk.iso', 60);
    await rig.start();
    const part = [
      '-fsS',
      '-r',
      `${5 * 2 ** 30}-${5 * 2 ** 30 + 99}`,
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{size_download}',
    ];
    assert.equal((await run('curl', [...part, `${rig.url}/disk.iso`])).stdout, '206 100');
  });

  test('does not climb out, however the path is written', async () => {
    await using rig = await new Rig().start();
    for (const path of [
      '/../../../etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '//etc/passwd',
      '/\\..\\etc/passwd',
    ]) {
      const { stdout } = await run('curl', [
        '-sS',
        '--path-as-is',
        '-w',
        '%{http_code}',
        `${rig.url}${path}`,
      ]);
      assert.match(stdout, /40[034]$/, path);
      assert.doesNotMatch(stdout, /root:/);
    }
  });

  test('many at once get the same file, each whole', async () => {
    await using rig = new Rig();
    const content = randomBytes(2_000_000);
    rig.images.write('initrd.img', content);
    await rig.start();
    const copies = await Promise.all(
      Array.from({ length: 16 }, () =>
        run('curl', ['-fsS', `${rig.url}/initrd.img`], { encoding: 'buffer', maxBuffer: 4_000_000 }),
      ),
    );
    for (const { stdout } of copies) assert.equal(sha256(stdout), sha256(content));
  });
});
