import { info, type Texts, warn } from './line.ts';

/** More machines that nobody knows ask for addresses than there are. */
export type StarvationEvent = {
  kind: 'dhcp.starvation';
  /** How long it has lasted. */
  seconds: number;
  /** DISCOVERs of machines that asked for the first time, and were not answered for that. */
  asked: number;
  /** Machines that were not known before, and have taken an address meanwhile. */
  took: number;
  /** Where most of them ask from, as protocol/dhcp/relay.ts names it, and how many other sources there are. */
  source: string;
  others: number;
  adapter: string;
  /** It has ended. */
  over: boolean;
};

export const starvationTexts: Texts<StarvationEvent> = {
  'dhcp.starvation': ({ seconds, asked, took, source, others, adapter, over }) => {
    const from = `${source ? `through the relay ${source}` : `on ${adapter} itself`}${others ? ` and from ${others} more sources` : ''}`;
    const what = `${asked} DISCOVERs of machines that are not known in ${seconds} s, ${from}; ${took} of them asked again and took an address`;
    if (over) return info(`starvation is over: ${what}`);
    return warn(
      `starvation: ${what}. Machines that had a lease are served as ever, others at their second try. A rack of your own? Make the pool larger ` +
        `(LEASE_COUNT, SUBNETS). Made-up machines? Find their switch port (tcpdump -eni ${adapter} udp dst port 67) and limit MACs or DHCP packets there`,
    );
  },
};
