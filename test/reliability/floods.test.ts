import { test } from 'node:test';
import { requires } from '../lab/requires.ts';
import { holds } from './short.ts';

test(
  'floods of every kind are borne: machines boot, memory and log stay bounded, nobody is sent what he did not ask for',
  {
    ...requires('root', 'netns', 'nft', 'curl', '/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi'),
  },
  () => holds('floods'),
);
