import { recovery } from '../adapters/recovery.ts';
import { shapes } from '../adapters/shapes.ts';
import { starts } from '../adapters/starts.ts';
import { strangers } from '../adapters/strangers.ts';
import type { Context, Finding, Suite } from '../contract.ts';

const LINKS = ['down', 'carrier', 'renamed', 'mac', 'bridge'];
const ADAPTERS = ['anew', 'gone', 'mtu', 'second'];
const ADDRESSES = ['same-subnet', 'other-subnet', 'mask', 'no-address'];

/** Each of them takes no longer than a minute and a half. */
const PARTS: Readonly<Record<string, (context: Context) => Promise<Finding[]>>> = {
  links: (context) => recovery(context, 'links', LINKS),
  adapters: (context) => recovery(context, 'adapters', ADAPTERS),
  addresses: (context) => recovery(context, 'addresses', ADDRESSES),
  starts,
  shapes,
  strangers,
};

export const adapters: Suite = {
  name: 'adapters',
  about:
    'A machine tries to boot from three running services all the time (OFFER, TFTP, HTTP); times are from the moment in which the adapter can be used until it has booted. `ADAPTERS_PART=links,strangers` runs some parts alone.',
  async run(context) {
    const wanted = process.env.ADAPTERS_PART?.split(',') ?? Object.keys(PARTS);
    const run = async (name: string) => {
      context.log(name);
      return (await PARTS[name]?.(context)) ?? [];
    };
    // Most of it is waiting; the short form measures little.
    if (context.level === 'short') return (await Promise.all(wanted.map(run))).flat();
    const findings: Finding[] = [];
    for (const name of wanted) findings.push(...(await run(name)));
    return findings;
  },
};
