import type { MachineSummary } from '../../journal/timeline/model.ts';
import type { Appliance, Events, Health, LogLine } from '../api/shapes.ts';
import { get } from './api.ts';
import { serverNow } from './clock.ts';
import { Speeds } from './speeds.ts';
import { touch } from './topics.ts';

/** What the server has told, kept up to date by its events. Views read it and listen to the topics named beside. */
export const live = {
  /** Topics: `machine MAC` for one of them, `machines` for any. */
  machines: new Map<string, MachineSummary>(),
  /** Bytes a second of the file on its way, by MAC; told with the machine. */
  speeds: new Map<string, number | undefined>(),
  /** Topic: `appliance`. */
  appliance: undefined as Appliance | undefined,
  /** Topic: `health`. */
  health: undefined as Health | undefined,
  /** The newest last, no more than {@link LOG_LINES}. Topic: `log`. */
  log: [] as Numbered[],
  /** Topic: `connection`. */
  connection: { state: 'connecting', since: Date.now() } as Connection,
};

/** A line and what number it has on this page: keys for drawing. */
export type Numbered = LogLine & { readonly number: number };

export interface Connection {
  /** connecting: for the first time. */
  readonly state: 'connecting' | 'connected' | 'lost';
  readonly since: number;
}

export const LOG_LINES = 2000;
const RETRY_MS = 2000;
/** A server whose cable was pulled says nothing at all: after so long a silence it is asked whether it is there. */
const SILENCE_MS = 5000;

const speeds = new Speeds();
let lines = 0;
let source: EventSource | undefined;
let loading: AbortController | undefined;

/** Follows the server's events until the page is closed. After every (re)connection all that is shown is loaded anew. */
export function follow(): void {
  connect();
  addEventListener('offline', lost);
  addEventListener('online', connect);
  setInterval(() => void ask(), SILENCE_MS);
}

let heardAt = 0;

async function ask(): Promise<void> {
  if (live.connection.state !== 'connected' || performance.now() - heardAt < SILENCE_MS) return;
  try {
    live.health = await get<Health>('/api/health', AbortSignal.timeout(SILENCE_MS));
    touch('health');
  } catch {
    lost();
  }
}

function connect(): void {
  source?.close();
  source = new EventSource('/events');
  on('hello', () => void load());
  on('machine', learn);
  on('log', (fresh) => addLines(fresh));
  on('health', (health) => {
    live.health = health;
    touch('health');
  });
  on('leases', () => touch('leases'));
  on('images', () => touch('images'));
  source.onerror = lost;
}

function on<K extends keyof Events>(name: K, take: (data: Events[K]) => void): void {
  source?.addEventListener(name, (event) => {
    heardAt = performance.now();
    take(JSON.parse((event as MessageEvent<string>).data) as Events[K]);
  });
}

let retry: ReturnType<typeof setTimeout> | undefined;

function lost(): void {
  source?.close();
  if (live.connection.state !== 'lost') setConnection('lost');
  clearTimeout(retry);
  retry = setTimeout(connect, RETRY_MS);
}

function setConnection(state: Connection['state']): void {
  live.connection = { state, since: serverNow() };
  document.documentElement.classList.toggle('stale', state === 'lost');
  touch('connection');
}

async function load(): Promise<void> {
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  try {
    const [machines, appliance, health, log] = await Promise.all([
      get<MachineSummary[]>('/api/machines', signal),
      get<Appliance>('/api/appliance', signal),
      get<Health>('/api/health', signal),
      get<LogLine[]>('/api/log?limit=500', signal),
    ]);
    const gone = new Set(live.machines.keys());
    for (const machine of machines) {
      gone.delete(machine.mac);
      learn(machine);
    }
    for (const mac of gone) forget(mac);
    live.appliance = appliance;
    live.health = health;
    live.log = [];
    addLines(log);
    for (const topic of ['machines', 'appliance', 'health', 'leases', 'images', 'reloaded']) touch(topic);
    setConnection('connected');
  } catch {
    if (!signal.aborted) lost();
  }
}

function learn(machine: MachineSummary): void {
  live.machines.set(machine.mac, machine);
  live.speeds.set(machine.mac, speeds.tell(machine.mac, machine.attempt, serverNow()));
  touch(`machine ${machine.mac}`);
  touch('machines');
}

function forget(mac: string): void {
  live.machines.delete(mac);
  live.speeds.delete(mac);
}

function addLines(fresh: readonly LogLine[]): void {
  for (const line of fresh) live.log.push({ ...line, number: ++lines });
  if (live.log.length > LOG_LINES) live.log.splice(0, live.log.length - LOG_LINES);
  touch('log');
}
