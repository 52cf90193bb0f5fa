import type { SuiteName } from './contract.ts';

/** What ours has to reach in a measurement: against a peer in the same run, or for itself. */
export interface Mark {
  readonly suite: SuiteName;
  /** Measurement.id */
  readonly id: string;
  /** A contender, another column of the measurement, or whichever peer is best; absent: the number itself counts. */
  readonly against?: 'best peer' | (string & {});
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The column that has to reach it, 'ours' where nothing is said. */
  readonly who?: string;
}

export const marks: readonly Mark[] = [
  { suite: 'dhcp', id: 'dhcp-exchanges', against: 'kea', atLeast: 4 },
  { suite: 'dhcp', id: 'dhcp-exchanges', against: 'dnsmasq', atLeast: 50 },
  { suite: 'dhcp', id: 'dhcp-p99', against: 'kea', atMost: 1 },
  { suite: 'dhcp', id: 'dhcp-drops', atMost: 0 },
  { suite: 'dhcp', id: 'dhcp-renewals', against: 'kea', atLeast: 3 },
  { suite: 'pool', id: 'pool-cost', who: 'nearly full', against: 'nearly empty', atMost: 1.2 },
  { suite: 'pool', id: 'pool-start', atMost: 2 },
  { suite: 'tftp', id: 'tftp-w1-c1', against: 'best peer', atLeast: 1 },
  { suite: 'tftp', id: 'tftp-w1-c16', against: 'best peer', atLeast: 1.3 },
  { suite: 'tftp', id: 'tftp-w1-c128', against: 'best peer', atLeast: 1.3 },
  { suite: 'tftp', id: 'tftp-w4-c16', against: 'best peer', atLeast: 3.5 },
  { suite: 'tftp', id: 'tftp-w16-c1', against: 'best peer', atLeast: 2.5 },
  { suite: 'tftp', id: 'tftp-w16-c16', against: 'best peer', atLeast: 7 },
  { suite: 'tftp', id: 'tftp-w16-c128', against: 'best peer', atLeast: 4.5 },
  { suite: 'tftp', id: 'tftp-loss-w1', against: 'best peer', atLeast: 30 },
  { suite: 'tftp', id: 'tftp-loss-w16', against: 'best peer', atLeast: 30 },
  { suite: 'tftp', id: 'tftp-needless-resends', atMost: 0 },
  { suite: 'http', id: 'http-256m-c1', against: 'nginx', atLeast: 1.25 },
  { suite: 'http', id: 'http-256m-c64', against: 'nginx', atLeast: 1.25 },
  { suite: 'http', id: 'http-256m-c64-slowest', atMost: 1.3 },
  { suite: 'http', id: 'http-10m-c64', against: 'nginx', atLeast: 1 },
  { suite: 'http', id: 'http-script-c64', against: 'nginx', atLeast: 1 },
  { suite: 'storm', id: 'storm', against: 'dnsmasq + nginx', atMost: 0.8 },
  { suite: 'footprint', id: 'idle-memory', atMost: 110 },
  { suite: 'footprint', id: 'healthy', atMost: 2 },
];
