import { formatIpv4, parseIpv4 } from '../src/protocol/ipv4.ts';
import type { Site } from './contract.ts';

export interface Pool {
  readonly start: string;
  readonly end: string;
  readonly count: number;
  readonly leaseSeconds: number;
}

/** The addresses that a site leases. */
export function poolOf(site: Pick<Site, 'pool' | 'leaseSeconds'>): Pool {
  const { start, count } = site.pool ?? { start: '10.16.0.0', count: 4096 };
  const end = formatIpv4(parseIpv4(start)! + count - 1);
  return { start, end, count, leaseSeconds: site.leaseSeconds ?? 7200 };
}
