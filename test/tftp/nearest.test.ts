import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNear, pathInside } from '../../src/tftp/nearest.ts';

const wanted = 'undionly.kpxe';
const near = [
  'undionly.kpx',
  'undionly.kpxee',
  'undi0nly.kpxe',
  'udnionly.kpxe',
  'UNDIONLY.KPXE',
  'ndionly.kpxe',
];
const far = ['undionly', 'ipxe.kpxe', 'undi0n1y.kpxe', '', 'undionly.kpxe.sig', 'dnuionly.kpxe'];

for (const name of near) {
  test(`${name} is near ${wanted}, and the other way round`, () => {
    assert.ok(isNear(name, wanted) && isNear(wanted, name));
  });
}

for (const name of far) {
  test(`"${name}" is not near ${wanted}`, () => {
    assert.ok(!isNear(name, wanted) && !isNear(wanted, name));
  });
}

test('a name’s place is inside the folder, however it climbs', () => {
  assert.equal(pathInside('/images', '/grub/grub.cfg'), '/images/grub/grub.cfg');
  assert.equal(pathInside('/images', 'boot\\x64\\wdsnbp.com'), '/images/boot/x64/wdsnbp.com');
  assert.equal(pathInside('/images', '../../etc/passwd'), '/images/etc/passwd');
});
