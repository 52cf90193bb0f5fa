import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, type Found } from '../../src/assets/choose.ts';
import type { Recognised } from '../../src/assets/recognise.ts';

const kernel = (name: string, version: string | undefined = '6.1.0'): Found => ({
  name,
  file: { kind: 'kernel', architecture: 'x86_64', version, efiStub: true },
});
const initrd = (name: string): Found => ({ name, file: { kind: 'initrd', compression: 'gzip' } });
const other = (name: string, file: Recognised = { kind: 'other', what: 'a text file' }): Found => ({
  name,
  file,
});
const unset = { kernel: undefined, initrd: undefined };

function refused(...args: Parameters<typeof choose>): { reason: string; remedy: string } {
  const choice = choose(...args);
  assert.ok(!choice.ready, 'it was settled');
  return choice;
}

function settled(...args: Parameters<typeof choose>) {
  const choice = choose(...args);
  assert.ok(choice.ready, 'it was not settled');
  return choice;
}

test('one kernel and one initrd need no configuration, whatever else is there', () => {
  const found = [
    other('undionly.kpxe', { kind: 'nbp' }),
    kernel('vmlinuz'),
    initrd('initrd.img'),
    other('notes'),
  ];
  const choice = settled(found, unset);
  assert.equal(choice.kernel, 'vmlinuz');
  assert.deepEqual(choice.initrds, ['initrd.img']);
  assert.equal(choice.summary, 'vmlinuz (6.1.0) with initrd.img');
  assert.deepEqual(choice.notes, []);
});

test('no kernel: the reason says so, and the remedy what to put where', () => {
  const { reason, remedy } = refused([initrd('initrd.img')], unset);
  assert.match(reason, /no kernel in the folder images\//);
  assert.match(remedy, /vmlinuz/);
});

test('a kernel that cannot be read is told from none', () => {
  const { reason } = refused([], unset, [{ name: 'vmlinuz', why: 'images/vmlinuz: no permission' }]);
  assert.match(reason, /images\/vmlinuz: no permission/);
});

test('a packed kernel is told from none', () => {
  const packed = other('Image.gz', { kind: 'other', what: 'a kernel in gzip: unpack it with gunzip' });
  assert.match(refused([packed], unset).reason, /Image\.gz, which is packed/);
});

test('several kernels: all are named, with the line for .env that takes the newest', () => {
  const found = [kernel('vmlinuz-6.9', '6.9.1'), kernel('vmlinuz-6.12', '6.12.3'), kernel('old', undefined)];
  const { reason, remedy } = refused(found, unset);
  assert.match(reason, /3 kernels .*vmlinuz-6\.9 \(6\.9\.1\), vmlinuz-6\.12 \(6\.12\.3\), old/);
  assert.match(remedy, /KERNEL=vmlinuz-6\.12\b/);
});

test('KERNEL settles which of several', () => {
  assert.equal(settled([kernel('a'), kernel('b')], { ...unset, kernel: 'b' }).kernel, 'b');
});

test('KERNEL that is not there: the nearest name is offered', () => {
  const { reason, remedy } = refused([kernel('vmlinuz-6.1.0-40'), other('README')], {
    ...unset,
    kernel: 'vmlinux-6.1.0-40',
  });
  assert.match(reason, /KERNEL in \.env names vmlinux-6\.1\.0-40, which is not in/);
  assert.match(remedy, /KERNEL=vmlinuz-6\.1\.0-40 /);
});

test('KERNEL that cannot be read: the reason says why', () => {
  const { reason } = refused([], { ...unset, kernel: 'k' }, [{ name: 'k', why: 'images/k: no permission' }]);
  assert.match(reason, /KERNEL in \.env names k, but images\/k: no permission/);
});

test('a file that KERNEL names is taken whatever it is, and what is odd about it is said', () => {
  const choice = settled([other('memtest')], { kernel: 'memtest', initrd: [] });
  assert.match(choice.notes.join(), /memtest looks like a text file/);
});

test('several initrds: all are named, with the one that fits the kernel', () => {
  const found = [kernel('vmlinuz-6.12'), initrd('initrd.img-6.1'), initrd('initrd.img-6.12')];
  const { reason, remedy } = refused(found, unset);
  assert.match(reason, /2 initrds .*initrd\.img-6\.1, initrd\.img-6\.12/);
  assert.match(remedy, /INITRD=initrd\.img-6\.12$/);
});

test('a kernel without an initrd boots, and that is said unless it was asked for', () => {
  assert.match(settled([kernel('vmlinuz')], unset).notes.join(), /no initrd/);
  assert.deepEqual(settled([kernel('vmlinuz')], { ...unset, initrd: [] }).notes, []);
});

test('INITRD keeps its order', () => {
  const found = [kernel('k'), initrd('a'), initrd('b')];
  assert.deepEqual(settled(found, { ...unset, initrd: ['b', 'a'] }).initrds, ['b', 'a']);
});

test('INITRD that is not there is named', () => {
  const { reason, remedy } = refused([kernel('k'), initrd('initrd.img')], {
    ...unset,
    initrd: ['initrd.gz'],
  });
  assert.match(reason, /INITRD in \.env names initrd\.gz/);
  assert.match(remedy, /INITRD=initrd\.img/);
});

test('packed folders are no initrds', () => {
  assert.deepEqual(
    settled([kernel('k'), initrd('initrd'), initrd('rootfs.tar.xz'), initrd('x.tgz')], unset).initrds,
    ['initrd'],
  );
});

const demo = [kernel('demo-vmlinuz', '6.12.1'), initrd('demo-initrd.img')];

test('the demo’s kernel and initrd boot where there are no others, and a note says whose they are', () => {
  const choice = settled(demo, unset);
  assert.equal(choice.kernel, 'demo-vmlinuz');
  assert.deepEqual(choice.initrds, ['demo-initrd.img']);
  assert.match(choice.notes.join(), /demo's system: put a kernel of your own into images\//);
});

test('a kernel of the user’s comes before the demo’s, without the demo’s initrd', () => {
  const choice = settled([...demo, kernel('vmlinuz')], unset);
  assert.equal(choice.kernel, 'vmlinuz');
  assert.deepEqual(choice.initrds, []);
});

test('beside the demo’s files, the user’s are chosen among as if those were not there', () => {
  const choice = settled([...demo, kernel('vmlinuz'), initrd('initrd.img')], unset);
  assert.equal(choice.summary, 'vmlinuz (6.1.0) with initrd.img');
  assert.match(refused([...demo, kernel('a'), kernel('b')], unset).reason, /2 kernels .*: a \(6\.1\.0\), b /);
});

test('the demo’s kernel keeps its own initrd while the user’s has come and its kernel has not', () => {
  assert.deepEqual(settled([...demo, initrd('initrd.img')], unset).initrds, ['demo-initrd.img']);
});

test('KERNEL can name the demo’s, whatever else is there', () => {
  const found = [...demo, kernel('vmlinuz'), initrd('initrd.img')];
  const choice = settled(found, { ...unset, kernel: 'demo-vmlinuz' });
  assert.deepEqual([choice.kernel, ...choice.initrds], ['demo-vmlinuz', 'demo-initrd.img']);
});
