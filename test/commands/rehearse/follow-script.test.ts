import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { autoexecScript } from '../../../src/boot/autoexec.ts';
import { bootScript } from '../../../src/boot/script.ts';
import { followScript } from '../../../src/commands/rehearse/follow-script.ts';
import { ready, settings } from '../../script/choices.ts';

const MACHINE = new Map([
  ['mac', '52:54:00:12:34:56'],
  ['ip', '10.0.0.5'],
  ['platform', 'efi'],
]);
const follow = (...lines: string[]) => followScript(['#!ipxe', ...lines].join('\n'), MACHINE);
const loads = (...lines: string[]) => follow(...lines).fetches.map(({ as, url }) => `${as} ${url}`);

test('the generated script loads its kernel and its initrds, and boots', () => {
  const { fetches, end } = followScript(
    bootScript(settings('quiet'), ready('vmlinuz', 'a/initrd', 'b/initrd')),
    MACHINE,
  );
  assert.deepEqual(
    fetches.map(({ as, url }) => [as, url]),
    [
      ['kernel', 'vmlinuz'],
      ['initrd', 'a/initrd'],
      ['initrd', 'b/initrd'],
    ],
  );
  assert.deepEqual(end, { kind: 'boot' });
});

test('the generated script for a folder without a kernel shows why, loads nothing, and is loaded again', () => {
  const script = bootScript(settings(), {
    ready: false,
    reason: 'there is no kernel',
    remedy: 'put one there',
  });
  const { fetches, end, shown } = followScript(script, MACHINE);
  assert.deepEqual(fetches, []);
  assert.equal(end.kind, 'chain');
  assert.match(end.kind === 'chain' ? end.url : '', /\/infrakit\.ipxe$/);
  assert.match(shown.join(' '), /There is no kernel\. What to do on that server: put one there\./);
});

test('autoexec.ipxe goes on with the boot script', () => {
  const { end } = followScript(autoexecScript(settings()), MACHINE);
  assert.match(end.kind === 'chain' ? end.url : end.kind, /\/infrakit\.ipxe$/);
});

test('options are not taken for the file, and arguments not for another', () => {
  assert.deepEqual(
    loads(
      'kernel --name k --timeout 5000 vmlinuz root=/dev/nfs',
      'initrd -n i initrd.img',
      'module extra.img',
      'boot',
    ),
    ['kernel vmlinuz', 'initrd initrd.img', 'initrd extra.img'],
  );
});

test('settings are those of the machine, and those that the script sets', () => {
  assert.deepEqual(
    loads(
      'set base http://10.0.0.1/debian',
      'kernel ${base}/vmlinuz-${platform}',
      'initrd ${mac:hexhyp}.img',
      'boot',
    ),
    ['kernel http://10.0.0.1/debian/vmlinuz-efi', 'initrd 52-54-00-12-34-56.img'],
  );
  assert.deepEqual(loads('set a mac', 'kernel ${net0/${a}}', 'boot'), ['kernel 52:54:00:12:34:56']);
});

test('what runs depends on what was so before, as in iPXE', () => {
  assert.deepEqual(
    loads(
      'iseq ${platform} pcbios && goto bios ||',
      'isset ${nothing} && kernel wrong ||',
      'kernel efi-kernel || goto bios',
      'boot',
      ':bios',
      'kernel bios-kernel',
      'boot',
    ),
    ['kernel efi-kernel'],
  );
});

test('it cannot be followed beyond a menu, a program of the machine, and what only the machine knows', () => {
  for (const [line, why] of [
    ['choose target', /asks whoever/],
    ['cpuid --ext 29', /`cpuid` cannot be told/],
    ['kernel ${serial}/vmlinuz', /\$\{serial\} is known to the machine alone/],
    ['goto nowhere', /no label :nowhere/],
    ['shell', /shell/],
  ] as const) {
    const { end, fetches } = follow('echo', line, 'boot');
    assert.deepEqual(fetches, []);
    assert.equal(end.kind, 'lost', line);
    assert.match(end.kind === 'lost' ? end.why : '', why);
    assert.equal(end.kind === 'lost' && end.line, 3);
  }
});

test('a script that goes round in circles ends', () => {
  const { end } = follow(':again', 'sleep 1', 'goto again');
  assert.match(end.kind === 'lost' ? end.why : end.kind, /circles/);
});

test('a line that fails without an alternative gives the machine back to its firmware, and so does the end', () => {
  assert.deepEqual(follow('isset ${nothing}', 'kernel never').end, { kind: 'exit', line: 2 });
  assert.equal(follow('echo bye').end.kind, 'exit');
});

test('comments, and lines that are continued, are read as iPXE reads them', () => {
  assert.deepEqual(loads('# kernel wrong', 'kernel \\', '  vmlinuz # quiet', 'boot'), ['kernel vmlinuz']);
});

test('any text whatever comes to an end', () => {
  const word = fc.constantFrom(
    'kernel',
    'goto a',
    ':a',
    'set x ${x}${y}',
    '${',
    '}',
    '||',
    '&&',
    'iseq',
    'chain',
    '\\',
    'x',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 40 }), (parts) => {
      assert.ok(follow(parts.join(' ').replaceAll(':', '\n:')).end.kind);
    }),
  );
});
