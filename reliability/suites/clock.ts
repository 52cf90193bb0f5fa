import { jumps } from '../clock/jumps.ts';
import type { Context, Finding, Suite } from '../contract.ts';

export const clock: Suite = {
  name: 'clock',
  about:
    'The clock that the service reads is set by hours, days and years (Debian’s faketime), while the one that machines count their leases by goes on.',
  run(context: Context): Promise<readonly Finding[]> {
    return jumps(context);
  },
};
