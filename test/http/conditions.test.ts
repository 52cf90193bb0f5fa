import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, hasIt } from '../../src/http/conditions.ts';

const lastModified = 'Tue, 03 Feb 2026 10:00:00 GMT';
const has = (conditions: Conditions) => hasIt(conditions, { etag: '"a,b"', lastModified });

test('a client has the version that one of its entity tags names, weak or strong', () => {
  assert.equal(hasIt({ ifNoneMatch: '"x", W/"y" ,"a"' }, { etag: '"a"' }), true);
  assert.equal(hasIt({ ifNoneMatch: 'W/"a"' }, { etag: '"a"' }), true);
  assert.equal(hasIt({ ifNoneMatch: '*' }, { etag: '"a"' }), true);
  assert.equal(hasIt({ ifNoneMatch: '"b"' }, { etag: '"a"' }), false);
  assert.equal(hasIt({ ifNoneMatch: 'a' }, { etag: '"a"' }), false);
});

test('a client has the version of that very date, if dates are all it names', () => {
  assert.equal(has({ ifModifiedSince: lastModified }), true);
  assert.equal(has({ ifModifiedSince: 'Tue, 03 Feb 2026 10:00:01 GMT' }), false);
  assert.equal(has({ ifModifiedSince: 'Tue, 03 Feb 2026 09:59:59 GMT' }), false);
  assert.equal(has({ ifModifiedSince: 'some day' }), false);
  assert.equal(has({ ifModifiedSince: lastModified, ifNoneMatch: '"b"' }), false);
  assert.equal(hasIt({ ifModifiedSince: lastModified }, { etag: '"a"' }), false);
});

test('one that names nothing, or reloads by force, gets the body', () => {
  assert.equal(has({}), false);
  assert.equal(has({ cacheControl: 'no-cache' }), false);
  assert.equal(has({ ifModifiedSince: lastModified, cacheControl: 'max-age=0, no-cache' }), false);
  assert.equal(has({ ifModifiedSince: lastModified, cacheControl: 'max-age=0' }), true);
});
