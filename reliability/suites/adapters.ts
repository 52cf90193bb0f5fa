import { recovery } from '../adapters/recovery.ts';
import { shapes } from '../adapters/shapes.ts';
import { strangers } from '../adapters/strangers.ts';
import type { Context, Finding, Suite } from '../contract.ts';

const PARTS: Readonly<Record<string, (context: Context) => Promise<Finding[]>>> = {
  recovery,
  strangers,
  shapes,
};

export const adapters: Suite = {
  name: 'adapters',
  about:
    'A machine tries to boot from three running services all the time (OFFER, TFTP, HTTP); times are from the moment in which the adapter can be used until it has booted.',
  async run(context) {
    const findings: Finding[] = [];
    // ADAPTERS_PART runs one of them.
    const wanted = process.env.ADAPTERS_PART?.split(',');
    for (const [name, part] of Object.entries(PARTS)) {
      if (wanted && !wanted.includes(name)) continue;
      context.log(name);
      findings.push(...(await part(context)));
    }
    return findings;
  },
};
