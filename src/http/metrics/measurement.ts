/** What the journal is counted by. Labels are few and known: no machine, address or file name is one. */
export const COUNTERS = {
  dhcpMessages: {
    name: 'remoteboot_dhcp_messages_total',
    help: 'DHCP messages by type (discover, offer, nak, decline …) and direction (received, sent)',
    labels: ['type', 'direction'],
  },
  boots: {
    name: 'remoteboot_boots_total',
    help: 'Boot attempts that have ended, by outcome',
    labels: ['outcome', 'firmware', 'architecture'],
  },
  diagnoses: {
    name: 'remoteboot_diagnoses_total',
    help: 'Boots in which something went wrong, by the code of docs/troubleshooting.md',
    labels: ['code', 'certainty'],
  },
  transfers: {
    name: 'remoteboot_transfers_total',
    help: 'File transfers that have ended, and requests that were turned down, by service and outcome',
    labels: ['service', 'outcome'],
  },
  transferBytes: {
    name: 'remoteboot_transfer_bytes_total',
    help: 'Bytes of files that machines have taken',
    labels: ['service'],
  },
  retransmissions: {
    name: 'remoteboot_tftp_retransmissions_total',
    help: 'TFTP packets that were sent again',
    labels: [],
  },
  turnedAway: {
    name: 'remoteboot_turned_away_total',
    help: 'Requests and connections that met a limit, by service and limit',
    labels: ['service', 'limit'],
  },
  journalEvents: {
    name: 'remoteboot_journal_events_total',
    help: 'Events read from the journals of the services',
    labels: ['service'],
  },
  journalLost: {
    name: 'remoteboot_journal_lost_events_total',
    help: 'Events that a service could not keep in its journal',
    labels: ['service'],
  },
} as const;

/** Seconds each. Buckets from a script over a fast network to an initrd of a gigabyte over a slow one. */
export const HISTOGRAMS = {
  bootDuration: {
    name: 'remoteboot_boot_duration_seconds',
    help: 'Time from the first request to the booted system, of boots that succeeded',
    labels: ['firmware', 'architecture'],
    buckets: [2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600],
  },
  stageDuration: {
    name: 'remoteboot_stage_duration_seconds',
    help: 'Time that a stage of a boot took',
    labels: ['stage', 'firmware', 'architecture'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300],
  },
} as const;

export type CounterKey = keyof typeof COUNTERS;
export type HistogramKey = keyof typeof HISTOGRAMS;

type LabelsOf<D extends { readonly labels: readonly string[] }> = Readonly<
  Record<D['labels'][number], string>
>;

/** So many more of something, or how long one of something took. */
export type Measurement =
  | {
      readonly [C in CounterKey]: {
        readonly counter: C;
        readonly labels: LabelsOf<(typeof COUNTERS)[C]>;
        readonly by: number;
      };
    }[CounterKey]
  | {
      readonly [H in HistogramKey]: {
        readonly histogram: H;
        readonly labels: LabelsOf<(typeof HISTOGRAMS)[H]>;
        readonly seconds: number;
      };
    }[HistogramKey];
