import type { LeaseView, LogLine, PacketInWords } from '../../../src/http/api/shapes.ts';
import type { Observed } from '../../../src/http/observer/observed.ts';
import type {
  Attempt,
  AttemptInFull,
  Diagnosis,
  Machine,
  MachineSummary,
  Stage,
  Step,
  Transfer,
} from '../../../src/journal/timeline/model.ts';

/** Every member there, so that a member which is added to a shape has to be added here, and shows where the document lacks it. */
type Full<T> = T extends readonly (infer E)[]
  ? readonly Full<E>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Full<Exclude<T[K], undefined>> }
    : T;

export const MAC = '52:54:00:12:34:56';
const at = 1_795_000_000_000;

const transfer: Full<Transfer> = {
  service: 'tftp',
  file: 'undionly.kpxe',
  state: 'failed',
  bytes: 512,
  size: 74_213,
  from: at,
  to: at + 20,
  retransmissions: 3,
  note: 'it fell silent',
};
const stage: Full<Stage> = {
  name: 'loader',
  state: 'failed',
  from: at,
  to: at + 20,
  bytes: 512,
  size: 74_213,
  transfers: [transfer],
  note: 'undionly.kpxe',
};
const diagnosis: Full<Diagnosis> = {
  code: 'tftp-silence',
  certainty: 'suspect',
  cause: 'It fell silent.',
  remedy: 'Look at the firewall.',
  at,
  stage: 'loader',
};
const attempt: Full<Attempt> = {
  id: `${at}-1`,
  from: at,
  to: at + 20,
  outcome: 'failed',
  duration: 20,
  firmware: 'pxe',
  architecture: { code: 0, name: 'BIOS x86' },
  address: '10.99.0.2',
  relay: '10.1.0.1',
  stages: [stage],
  diagnosis,
};
const step: Full<Step> = { at, service: 'dhcp', level: 'info', text: 'OFFER', stage: 'address' };
const inFull: Full<AttemptInFull> = { ...attempt, steps: [step], stepsLeftOut: 2 };
const summary: Full<MachineSummary> = {
  mac: MAC,
  hostName: 'rack-1',
  address: '10.99.0.2',
  seen: at,
  attempt,
  lastBoot: { at, duration: 12_000 },
  attempts: 1,
};
const machine: Full<Machine> = { ...summary, history: [inFull] };
/** With nothing that may be absent. */
const bare: MachineSummary = { mac: MAC, seen: at, attempts: 0 };
const packet: Full<PacketInWords> = { at, direction: 'sent', message: 'OFFER', lines: ['reply, xid 1'] };
const line: Full<LogLine> = { at, service: 'tftp', level: 'warn', mac: MAC, text: 'gave up' };
const lease: Full<LeaseView> = {
  address: '10.99.0.2',
  mac: MAC,
  hostName: '',
  state: 'declined',
  expires: at,
};

/** Journals that know one machine, and all there is to know of it. */
export const KNOWING: Partial<Observed> = {
  machines: async () => [summary, bare],
  machine: async (mac) => (mac === MAC ? machine : undefined),
  packets: async () => [packet],
  log: async () => [line, { at, service: 'http', level: 'debug', text: 'http listens' }],
  leases: async () => Buffer.from(JSON.stringify([lease])),
  leaseStates: async (ranges) => ranges.map(() => ({ bound: 1, expired: 0, released: 0, declined: 0 })),
  coverage: async () => ({ runs: [{ service: 'tftp', from: 1, seen: 2, ended: false }], gaps: [] }),
  problems: async () => ['the journal of tftp cannot be read'],
};
