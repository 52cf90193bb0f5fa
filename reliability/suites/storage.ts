import type { Context, Finding, Suite } from '../contract.ts';
import { damage } from '../storage/damage.ts';
import { lost } from '../storage/lost.ts';
import { FULL, READ_ONLY, unwritable } from '../storage/unwritable.ts';

export const storage: Suite = {
  name: 'storage',
  about:
    'Services run on small file systems of their own, which fill up, become read-only, go away or are damaged.',
  async run(context: Context): Promise<readonly Finding[]> {
    const [full, readOnly, gone] = await Promise.all([
      unwritable(context, FULL),
      unwritable(context, READ_ONLY),
      lost(context),
    ]);
    return [...full, ...readOnly, ...gone, ...(await damage(context))];
  },
};
