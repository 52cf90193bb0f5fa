import type { Context, Finding, Suite } from '../contract.ts';
import { damage } from '../storage/damage.ts';
import { images } from '../storage/images.ts';
import { lost } from '../storage/lost.ts';
import { shared } from '../storage/shared.ts';
import { FULL, READ_ONLY, unwritable } from '../storage/unwritable.ts';

export const storage: Suite = {
  name: 'storage',
  about:
    'Services run on small file systems of their own, which fill up, become read-only, go away or are damaged.',
  async run(context: Context): Promise<readonly Finding[]> {
    // Side by side, since most of it is waiting.
    const [full, readOnly] = await Promise.all([unwritable(context, FULL), unwritable(context, READ_ONLY)]);
    const [gone, unwritten] = await Promise.all([lost(context), images(context)]);
    const [damaged, two] = await Promise.all([damage(context), shared(context)]);
    return [...full, ...readOnly, ...gone, ...damaged, two, unwritten];
  },
};
