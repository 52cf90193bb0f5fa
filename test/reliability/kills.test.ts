import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'services that are killed at any moment, or stopped, lose, double and halve nothing',
  {
    ...requires('root', 'netns'),
  },
  () => holds('kills'),
);
