import {
  address,
  bytes,
  count,
  level,
  list,
  mac,
  number,
  object,
  oneOf,
  ref,
  type Schema,
  type Schemas,
  service,
  string,
  time,
} from './schema.ts';

const stage = oneOf('address', 'loader', 'ipxe', 'script', 'kernel', 'initrd', 'system');
const duration: Schema = { ...number, description: 'Milliseconds.' };

const summary = {
  mac,
  'hostName?': string,
  'address?': address,
  seen: time,
  'attempt?': ref('Attempt'),
  'lastBoot?': object({ at: time, duration }),
  attempts: count,
};

const attempt = {
  id: string,
  from: time,
  to: time,
  outcome: oneOf('running', 'booted', 'loaded', 'failed', 'elsewhere', 'unknown'),
  'duration?': duration,
  firmware: oneOf('pxe', 'http', 'ipxe', 'raspberry-pi', 'other'),
  'architecture?': object({ code: count, name: string }, 'Option 93.'),
  'address?': address,
  'relay?': address,
  stages: list(ref('Stage')),
  'diagnosis?': ref('Diagnosis'),
};

export const machineSchemas: Schemas = {
  MachineSummary: object(summary),
  Machine: object({ ...summary, history: list(ref('AttemptInFull')) }),
  Attempt: object(attempt, 'One try of a machine to boot, from its first request to its last.'),
  AttemptInFull: object({ ...attempt, steps: list(ref('Step')), stepsLeftOut: count }),
  Stage: object({
    name: stage,
    state: oneOf('waiting', 'running', 'done', 'failed', 'unknown', 'skipped'),
    'from?': time,
    'to?': time,
    'bytes?': bytes,
    'size?': bytes,
    transfers: list(ref('Transfer')),
    'note?': string,
  }),
  Transfer: object({
    service: oneOf('tftp', 'http'),
    file: string,
    state: oneOf('running', 'done', 'failed', 'unknown'),
    bytes,
    'size?': bytes,
    from: time,
    'to?': time,
    'retransmissions?': count,
    'note?': string,
  }),
  Step: object({ at: time, service, level, text: string, 'stage?': stage }),
  Diagnosis: object({
    code: { ...string, description: 'Its section in docs/troubleshooting.md.' },
    certainty: oneOf('failed', 'suspect', 'unknown'),
    cause: string,
    remedy: string,
    at: time,
    stage,
  }),
  PacketInWords: object({
    at: time,
    direction: oneOf('received', 'sent'),
    message: string,
    lines: list(string),
  }),
  LogLine: object({ at: time, service, level, 'mac?': mac, text: string }),
};
