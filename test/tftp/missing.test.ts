import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nearestName, pathInside } from '../../src/tftp/missing.ts';

test('the file beside a missing one that is almost called that is found, a hidden or a different one is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'missing-'));
  for (const name of ['undionly.kpxe', '.grubx64.efi', 'vmlinuz']) writeFileSync(join(folder, name), '');
  assert.equal(await nearestName(join(folder, 'undi0nly.KPXE')), 'undionly.kpxe');
  assert.equal(await nearestName(join(folder, 'grubx64.efi')), undefined);
  assert.equal(await nearestName(join(folder, 'no-such-folder', 'vmlinuz')), undefined);
  rmSync(folder, { recursive: true });
});

test('a name’s place is inside the folder, however it climbs', () => {
  assert.equal(pathInside('/images', '/grub/grub.cfg'), '/images/grub/grub.cfg');
  assert.equal(pathInside('/images', 'boot\\x64\\wdsnbp.com'), '/images/boot/x64/wdsnbp.com');
  assert.equal(pathInside('/images', '../../etc/passwd'), '/images/etc/passwd');
});
