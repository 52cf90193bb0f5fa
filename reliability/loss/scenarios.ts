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

/** What a machine can be expected to get through by its own few tries, nearly always. */
export const BAD = of('bad', '10 % loss, 5 % duplicates, 5 % reordered', {
  loss: 0.1,
  duplicates: 0.05,
  reordered: 0.05,
});

export const SCENARIOS: Readonly<Record<Level, readonly Scenario[]>> = {
  full: [...ALL, WORST],
  short: [BAD],
};

/** Where whole boots are tried. */
export const BOOTS: Readonly<Record<Level, Scenario>> = { full: WORST, short: BAD };

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
  /** Longer than that nothing is waited for: of ours, of peers, and foreign TFTP clients of either. */
  readonly seconds: number;
  readonly peerSeconds: number;
  readonly foreignSeconds: number;
  /** Whether ours must be no later than peers: a short run shares its cores with other tests. */
  readonly times: 'judged' | 'shown';
}

export const EXTENTS: Readonly<Record<Level, Extent>> = {
  full: {
    tftp: ['ours', 'dnsmasq', 'tftpd-hpa', 'atftpd'],
    dhcp: ['ours', 'dnsmasq', 'kea'],
    fileBytes: 100_000,
    loading: 16,
    asking: 50,
    foreign: 3,
    seconds: 90,
    peerSeconds: 40,
    foreignSeconds: 40,
    times: 'judged',
  },
  short: {
    tftp: ['ours', 'dnsmasq', 'tftpd-hpa'],
    dhcp: ['ours', 'dnsmasq', 'kea'],
    fileBytes: 30_000,
    loading: 8,
    asking: 20,
    foreign: 1,
    seconds: 60,
    peerSeconds: 10,
    foreignSeconds: 15,
    times: 'shown',
  },
};

export const patienceWith = (server: ContenderName, { seconds, peerSeconds }: Extent): number =>
  server === 'ours' ? seconds : peerSeconds;

/** Where so much is lost, a foreign client's own few tries decide whether it gets all. */
export const HEAVY_LOSS = 0.1;

/** What two medians may differ by and still be alike: less than a person notices. */
export const ALIKE_SECONDS = 0.5;
