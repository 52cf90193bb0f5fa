import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'the served adapter comes, goes and changes, and no other one is ever answered',
  {
    ...requires('root', 'netns', 'nft', 'python3'),
  },
  () => holds('adapters'),
);
