import type { ContenderName } from '../../bench/contract.ts';
import type { Level } from '../contract.ts';
import type { Impairment } from './line.ts';

/** One kind of bad network. */
export interface Scenario {
  readonly id: string;
  /** `5 % loss` */
  readonly name: string;
  readonly impairment: Impairment;
}

const of = (id: string, name: string, impairment: Partial<Impairment>): Scenario => ({
  id,
  name,
  impairment: { loss: 0, duplicates: 0, reordered: 0, ...impairment },
});

const ALL: readonly Scenario[] = [
  of('loss1', '1 % loss', { loss: 0.01 }),
  of('loss5', '5 % loss', { loss: 0.05 }),
  of('loss20', '20 % loss', { loss: 0.2 }),
  of('doubled', '10 % duplicates', { duplicates: 0.1 }),
  of('reordered', '10 % reordered', { reordered: 0.1 }),
];

/** All at once. */
export const WORST = of('worst', '20 % loss, 5 % duplicates, 5 % reordered', {
  loss: 0.2,
  duplicates: 0.05,
  reordered: 0.05,
});

export const SCENARIOS: Readonly<Record<Level, readonly Scenario[]>> = {
  full: [...ALL, WORST],
  short: [WORST],
};

/** What a level measures, and beside whom. */
export interface Extent {
  readonly tftp: readonly ContenderName[];
  readonly dhcp: readonly ContenderName[];
  /** Bytes of the file that machines load; a loader has some 100,000. */
  readonly fileBytes: number;
  /** Simulated machines that load, or ask for an address, at once. */
  readonly loading: number;
  readonly asking: number;
  /** How often each foreign client tries. */
  readonly foreign: number;
  /** Longer than that nothing is waited for: of ours, and of peers. */
  readonly seconds: number;
  readonly peerSeconds: number;
}

export const EXTENTS: Readonly<Record<Level, Extent>> = {
  full: {
    tftp: ['ours', 'dnsmasq', 'tftpd-hpa', 'atftpd'],
    dhcp: ['ours', 'dnsmasq', 'kea'],
    fileBytes: 100_000,
    loading: 16,
    asking: 50,
    foreign: 3,
    seconds: 60,
    peerSeconds: 60,
  },
  short: {
    tftp: ['ours', 'dnsmasq', 'tftpd-hpa'],
    dhcp: ['ours', 'dnsmasq', 'kea'],
    fileBytes: 30_000,
    loading: 8,
    asking: 20,
    foreign: 1,
    seconds: 40,
    peerSeconds: 10,
  },
};

export const patienceWith = (server: ContenderName, { seconds, peerSeconds }: Extent): number =>
  server === 'ours' ? seconds : peerSeconds;

/** Where so much is lost, a foreign client's own few tries decide whether it gets all. */
export const HEAVY_LOSS = 0.2;

/** What two medians may differ by and still be alike: less than a person notices. */
export const ALIKE_SECONDS = 0.5;
