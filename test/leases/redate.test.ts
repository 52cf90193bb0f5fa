import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Dating, redating } from '../../src/leases/redate.ts';

const NOW = 1_800_000_000;
const LONGEST = 7200;
const kept: Dating = { now: NOW, uptime: 1000, boot: 'a', longest: LONGEST };
const at = (also: Partial<Dating>): Dating => ({ ...kept, ...also });

test('on the same start of the host its uptime tells how long it was, whatever became of the date', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e9 }),
      fc.nat(1e6),
      fc.integer({ min: 0, max: LONGEST }),
      (now, passed, left) => {
        const { later, last } = redating(kept, at({ now, uptime: 1000 + passed }));
        assert.ok(later !== undefined);
        const expires = Math.min(NOW + left + later, last);
        assert.ok(
          Math.abs(expires - now - (left - passed)) <= 2,
          'what is left of the lease is what machines think',
        );
        assert.ok(expires - now <= LONGEST);
      },
    ),
  );
});

test('after a restart of the host the date tells it', () => {
  assert.deepEqual(redating(kept, at({ boot: 'b', now: NOW + 600, uptime: 5 })), {
    later: 0,
    last: NOW + 600 + LONGEST,
  });
});

test('a date that is earlier than before, or was never set, tells nothing: nobody has lost an address', () => {
  assert.equal(redating(kept, at({ boot: 'b', now: NOW - 600 })).later, undefined);
  assert.equal(redating(kept, at({ boot: 'b', now: 60 })).later, undefined);
  assert.equal(redating(at({ now: 60 }), at({ boot: 'b', now: NOW })).later, undefined);
  assert.equal(redating(at({ boot: '' }), at({ boot: '', now: NOW - 600 })).later, undefined);
});

test('a database that does not tell is read as it is, and no lease of it lasts longer than one can', () => {
  assert.deepEqual(redating(undefined, kept), { later: 0, last: NOW + LONGEST });
});

test('leases that were promised for longer, before LEASE_TIME was lowered, last as long as they were promised', () => {
  assert.equal(
    redating(at({ longest: 86_400 }), at({ uptime: 1060, now: NOW + 60 })).last,
    NOW + 60 + 86_400,
  );
});
