import {
  type AttemptInFull,
  type BootOutcome,
  type Diagnosis,
  type Machine,
  type MachineSummary,
  STAGES,
  type Stage,
  type StageName,
  type Step,
  type Transfer,
} from '../../src/journal/timeline/model.ts';

/** Believable machines whose boots go on with the time: what the page is looked at and tested with. */

const KB = 1000;
const MB = 1000 * KB;

interface Leg {
  readonly name: StageName;
  /** Milliseconds that it takes, and pauses before it. */
  readonly takes: number;
  readonly pause: number;
  readonly file?: { readonly name: string; readonly size: number; readonly service: 'tftp' | 'http' };
}

const LEGS: readonly Leg[] = [
  { name: 'address', takes: 900, pause: 0 },
  {
    name: 'loader',
    takes: 500,
    pause: 120,
    file: { name: 'snponly.efi', size: 273 * KB, service: 'tftp' },
  },
  { name: 'ipxe', takes: 700, pause: 1900 },
  {
    name: 'script',
    takes: 60,
    pause: 90,
    file: { name: 'infrakit.ipxe', size: 412, service: 'http' },
  },
  {
    name: 'kernel',
    takes: 900,
    pause: 30,
    file: { name: 'vmlinuz-6.12.48+deb13-amd64', size: 12.1 * MB, service: 'http' },
  },
  {
    name: 'initrd',
    takes: 6200,
    pause: 20,
    file: { name: 'initrd.img-6.12.48+deb13-amd64', size: 68.4 * MB, service: 'http' },
  },
  { name: 'system', takes: 400, pause: 5200 },
];

/** From the first request until the system has its address. */
export const BOOT_MS = LEGS.reduce((sum, { takes, pause }) => sum + takes + pause, 0);

export interface Plan {
  readonly mac: string;
  readonly hostName?: string;
  readonly address: string;
  /** When its boot began. */
  readonly from: number;
  /** 1: as above; 2: twice as long. */
  readonly slowness: number;
  readonly architecture: { readonly code: number; readonly name: string };
  readonly firmware: AttemptInFull['firmware'];
  /** Where it stops, and what is said of it. */
  readonly stops?: { readonly stage: StageName; readonly diagnosis: Omit<Diagnosis, 'at' | 'stage'> };
  readonly skips?: readonly StageName[];
  readonly unknown?: readonly StageName[];
  readonly outcome?: BootOutcome;
  readonly earlier?: number;
}

export function machineAt(plan: Plan, now: number): Machine {
  const attempt = attemptAt(plan, now);
  const earlier = Array.from({ length: plan.earlier ?? 0 }, (_, count) => {
    const { stops: _stops, outcome: _outcome, ...fine } = plan;
    return attemptAt({ ...fine, from: plan.from - (count + 1) * 86_400_000 - count * 3_700_000 }, now);
  });
  const history = [attempt, ...earlier];
  const last = history.find(({ outcome }) => outcome === 'booted');
  const { steps: _steps, stepsLeftOut: _left, ...summary } = attempt;
  return {
    mac: plan.mac,
    ...(plan.hostName === undefined ? {} : { hostName: plan.hostName }),
    address: plan.address,
    seen: attempt.to,
    attempt: summary,
    ...(last ? { lastBoot: { at: last.from, duration: last.duration! } } : {}),
    attempts: history.length,
    history,
  };
}

export function summaryAt(plan: Plan, now: number): MachineSummary {
  const { history: _history, ...summary } = machineAt(plan, now);
  return summary;
}

function attemptAt(plan: Plan, now: number): AttemptInFull {
  let begins = plan.from;
  let stopped = false;
  let to = plan.from;
  const stages = STAGES.map((name): Stage => {
    const leg = LEGS.find((each) => each.name === name)!;
    if (plan.skips?.includes(name)) return { name, state: 'skipped', transfers: [] };
    const from = begins + leg.pause * plan.slowness;
    const end = from + leg.takes * plan.slowness;
    if (plan.unknown?.includes(name)) {
      begins = end;
      return { name, state: 'unknown', transfers: [], note: 'tftp was not recording: not known here' };
    }
    if (stopped || now < from) return { name, state: 'waiting', transfers: [] };
    begins = end;
    const stops = plan.stops?.stage === name;
    const part = Math.min(stops ? 0.6 : 1, (now - from) / (end - from));
    const failed = stops && part >= 0.6 && plan.stops.diagnosis.certainty === 'failed';
    if (stops && part >= 0.6) stopped = true;
    to = Math.min(now, from + part * (end - from));
    const state = failed ? 'failed' : part >= 1 ? 'done' : 'running';
    const transfer = leg.file && transferOf(leg.file, state, part, from, to);
    return {
      name,
      state,
      from,
      ...(state === 'running' ? {} : { to }),
      ...(transfer ? { bytes: transfer.bytes, size: transfer.size! } : {}),
      transfers: transfer ? [transfer] : [],
    };
  });
  const done = stages.at(-1)?.state === 'done';
  const outcome =
    plan.outcome ?? (done ? 'booted' : stages.some(({ state }) => state === 'failed') ? 'failed' : 'running');
  return {
    id: `${plan.from}-0`,
    from: plan.from,
    to,
    outcome,
    ...(outcome === 'booted' || outcome === 'loaded' ? { duration: to - plan.from } : {}),
    firmware: plan.firmware,
    architecture: plan.architecture,
    address: plan.address,
    stages,
    ...(stopped && plan.stops
      ? { diagnosis: { ...plan.stops.diagnosis, at: to, stage: plan.stops.stage } }
      : {}),
    steps: stepsOf(stages, plan.address),
    stepsLeftOut: 0,
  };
}

function transferOf(
  { name, size, service }: NonNullable<Leg['file']>,
  state: 'running' | 'done' | 'failed',
  part: number,
  from: number,
  to: number,
): Transfer {
  return {
    service,
    file: name,
    state,
    bytes: Math.round(size * part),
    size,
    from,
    ...(state === 'running' ? {} : { to }),
    ...(state === 'failed' ? { retransmissions: 14, note: 'the machine stopped answering' } : {}),
  };
}

function stepsOf(stages: readonly Stage[], address: string): Step[] {
  return stages.flatMap((stage): Step[] => {
    if (stage.from === undefined) return [];
    const { name, from, to, transfers, state } = stage;
    const service = transfers[0]?.service ?? 'dhcp';
    const [file] = transfers;
    const begin: Step = {
      at: from,
      service,
      level: 'info',
      stage: name,
      text: file ? `${address} asks for ${file.file}` : `DISCOVER from UEFI x64`,
    };
    if (to === undefined) return [begin];
    const text = file
      ? `${address} ${state === 'failed' ? 'stopped answering while loading' : 'got'} ${file.file}`
      : `ACK ${address} for 2 h`;
    return [begin, { at: to, service, level: state === 'failed' ? 'warn' : 'info', stage: name, text }];
  });
}
