import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'a clock that is set by hours, days and years gives no address twice, and no lease without an end',
  { ...requires('root', 'netns', 'faketime') },
  () => holds('clock'),
);
