import { type Sample, SERVICES, type ServiceName, type ServiceSample, sum } from './sample.ts';
import type { Bounds } from './verdict.ts';

/** A row of figures over time, and what it may do. */
export interface Series {
  /** `memory of http` */
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number;
  readonly bounds: Bounds;
}

/** JOURNAL_SIZE as it comes, and the log of what is not yet written back. */
const JOURNAL_MB = 64 + 8;

interface OfService {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: ServiceSample) => number;
  readonly bounds: Bounds | Readonly<Record<ServiceName, Bounds>>;
}

const memory = (slack: number, most: number): Bounds => ({ perHour: 1, slack, most });

const OF_SERVICES: readonly OfService[] = [
  {
    name: 'own memory',
    unit: 'MB',
    of: ({ memory }) => memory,
    // http remembers boots, on a thread that is collected when it likes.
    bounds: { dhcp: memory(5, 100), tftp: memory(5, 200), http: memory(20, 300) },
  },
  {
    name: 'resident memory',
    unit: 'MB',
    of: ({ resident }) => resident,
    bounds: { dhcp: memory(10, 200), tftp: memory(10, 300), http: memory(25, 400) },
  },
  { name: 'heap', unit: 'MB', of: ({ heap }) => heap, bounds: { perHour: 0.5, slack: 3, most: 100 } },
  {
    name: 'open descriptors',
    unit: '',
    of: ({ descriptors }) => sum(Object.values(descriptors)),
    bounds: { perHour: 0.5, slack: 2, most: 120 },
  },
  { name: 'threads', unit: '', of: ({ threads }) => threads, bounds: { perHour: 0.1, slack: 1, most: 40 } },
  { name: 'timers', unit: '', of: ({ timers }) => timers, bounds: { perHour: 0.5, slack: 2, most: 60 } },
  {
    name: 'other handles',
    unit: '',
    of: ({ handles }) => handles,
    bounds: { perHour: 0.5, slack: 2, most: 100 },
  },
  // It may grow, up to its size.
  {
    name: 'journal',
    unit: 'MB',
    of: ({ journal }) => journal,
    bounds: { perHour: Number.POSITIVE_INFINITY, slack: 0, most: JOURNAL_MB },
  },
];

const WHOLE: readonly Series[] = [
  { name: 'leases', unit: '', of: ({ leases }) => leases, bounds: { perHour: 0.5, slack: 2, most: 20 } },
  {
    name: 'lease database',
    unit: 'MB',
    of: ({ leaseFile }) => leaseFile,
    bounds: { perHour: 0.1, slack: 0.5, most: 8 },
  },
];

/** All that is judged. */
export const SERIES: readonly Series[] = [
  ...OF_SERVICES.flatMap(({ name, unit, of, bounds }) =>
    SERVICES.map((service) => ({
      name: `${name} of ${service}`,
      unit,
      of: ({ services }: Sample) => of(services[service]),
      bounds: 'most' in bounds ? bounds : bounds[service],
    })),
  ),
  ...WHOLE,
];
