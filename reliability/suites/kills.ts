import { randomInt } from 'node:crypto';
import { Random } from '../../test/fuzz/random.ts';
import type { Context, Finding, Suite } from '../contract.ts';
import { killed } from '../kills/killed.ts';
import { stopped } from '../kills/stopped.ts';

export const kills: Suite = {
  name: 'kills',
  about:
    'Services are killed at random moments while machines boot from them, and started again at once, as Docker does; and they are stopped by SIGTERM.',
  async run(context: Context): Promise<readonly Finding[]> {
    const seed = randomInt(2 ** 31);
    context.log(`seed ${seed}`);
    const numbers = new Random(seed);
    const random = () => numbers.next();
    return [...(await killed(context, seed)), ...(await stopped(context, random))];
  },
};
