import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/assets/nearest.ts';

const names = ['vmlinuz', 'initrd.img', 'undionly.kpxe', 'README.md'];

test('typing errors, case, folders and endings are seen through', () => {
  assert.equal(nearest('vmlinux', names), 'vmlinuz');
  assert.equal(nearest('VMLINUZ', names), 'vmlinuz');
  assert.equal(nearest('boot/initrd.img', names), 'initrd.img');
  assert.equal(nearest('initrd', names), 'initrd.img');
  assert.equal(nearest('undionly.kkpxe', names), 'undionly.kpxe');
});

test('a name that is like none has no nearest', () => {
  assert.equal(nearest('favicon.ico', names), undefined);
  assert.equal(nearest('vmlinuz', []), undefined);
});
