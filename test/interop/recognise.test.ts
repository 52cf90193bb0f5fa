import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose } from '../../src/assets/choose.ts';
import { Surveyor } from '../../src/assets/survey.ts';
import { guestSystem } from '../lab/guest-system.ts';
import { requires } from '../lab/requires.ts';

test(
  'Debian’s kernel and its initrd are found without configuration',
  requires('root', 'dpkg-deb'),
  async () => {
    const survey = await new Surveyor({ folder: guestSystem() }).look();
    assert.ok(survey.readable);
    const kernel = survey.found.find(({ name }) => name === 'vmlinuz')?.file;
    assert.ok(kernel?.kind === 'kernel', JSON.stringify(kernel));
    assert.equal(kernel.architecture, 'x86_64');
    assert.equal(kernel.efiStub, true);
    assert.match(kernel.version ?? '', /^\d+\.\d+\.\d+.*-amd64$/);
    const choice = choose(survey.found, { kernel: undefined, initrd: undefined });
    assert.ok(choice.ready);
    assert.deepEqual(choice.initrds, ['initrd.img']);
  },
);
