import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'files and addresses come through networks that lose, double and reorder packets, no later than from other servers',
  {
    ...requires('root', 'netns', 'nft', 'atftp', 'curl', 'busybox', 'dhclient', '/dev/net/tun'),
  },
  () => holds('loss'),
);
