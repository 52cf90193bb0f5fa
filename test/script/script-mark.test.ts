import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstDifference, isUnedited, withMark } from '../../src/boot/script-mark.ts';

const script = '#!ipxe\nkernel a\nboot\n';

test('the mark is a comment on line 2 and leaves the rest as it was', () => {
  const lines = withMark(script).split('\n');
  assert.match(lines[1]!, /^# Made by remoteboot/);
  assert.equal(lines.toSpliced(1, 1).join('\n'), script);
});

test('a script as it was generated is unedited', () => {
  fc.assert(fc.property(fc.string(), (rest) => isUnedited(withMark(`#!ipxe\n${rest}`))));
});

test('any edit shows', () => {
  const marked = withMark(script);
  const index = fc.nat(marked.length - 1);
  fc.assert(
    fc.property(index, fc.string({ minLength: 1, maxLength: 3 }), (at, insertion) => {
      const edited = marked.slice(0, at) + insertion + marked.slice(at);
      // Words before the hash say nothing about what is booted.
      const inMark = edited.split('\n').toSpliced(1, 1).join('\n') === script;
      assert.ok(inMark || !isUnedited(edited));
    }),
  );
  assert.equal(isUnedited(marked.replace('boot\n', 'boot')), false);
  assert.equal(isUnedited(marked.replaceAll('\n', '\r\n')), false);
});

test('a script without a mark is the user’s own', () => {
  assert.equal(isUnedited(script), false);
  assert.equal(isUnedited(''), false);
});

test('the first line that differs is named as it is counted in the edited file', () => {
  const edited = withMark(script).replace('kernel a', 'kernel b');
  assert.deepEqual(firstDifference(edited, withMark('#!ipxe\nkernel c\nboot\n')), {
    line: 3,
    edited: 'kernel b',
    generated: 'kernel c',
  });
  assert.equal(firstDifference(withMark(script), withMark(script)), undefined);
  assert.deepEqual(firstDifference('#!ipxe\n', '#!ipxe\n\nboot'), {
    line: 3,
    edited: undefined,
    generated: 'boot',
  });
});
