import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'disks that are full, read-only, gone or damaged cost no lease that was promised',
  { ...requires('root', 'netns', 'mount', 'mkfs.ext4') },
  () => holds('storage'),
);
