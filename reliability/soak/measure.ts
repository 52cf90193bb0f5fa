import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { journalFile } from '../../src/journal/store/schema.ts';
import { LEASE_FILE } from '../../src/leases/lease.ts';
import { readLeases } from '../../src/leases/read-leases.ts';
import { askControl } from '../../src/platform/control-client.ts';
import { controlSocket } from '../../src/platform/control-protocol.ts';
import type { Resources } from '../../src/platform/resources.ts';
import { type ServiceName, type ServiceSample, sum } from './sample.ts';

const ANSWER_WITHIN_MS = 10_000;
const TIMERS = new Set(['Timeout', 'Immediate']);

/** How a service that runs as that process is now. @throws Error where the process is gone, or does not tell. */
export async function measureService(
  service: ServiceName,
  pid: number,
  state: string,
): Promise<ServiceSample> {
  const { heap, active } = await resourcesOf(service, state);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const kinds = Object.entries(active);
  const count = (isTimer: boolean) =>
    sum(kinds.filter(([kind]) => TIMERS.has(kind) === isTimer).map(([, many]) => many));
  return {
    memory: (field('RssAnon') * 1024) / 1e6,
    resident: (field('VmRSS') * 1024) / 1e6,
    heap: heap / 1e6,
    descriptors: descriptorsOf(pid),
    threads: field('Threads'),
    timers: count(true),
    handles: count(false),
    journal: megabytes(journalFile(state, service)),
  };
}

export function measureLeases(state: string): { leases: number; leaseFile: number } {
  const file = join(state, LEASE_FILE);
  return { leases: readLeases(file).length, leaseFile: megabytes(file) };
}

async function resourcesOf(service: ServiceName, state: string): Promise<Resources> {
  const call = { file: controlSocket(state, service), service, method: 'GET', path: '/resources' } as const;
  const { status, body } = await askControl({ ...call, timeoutMs: ANSWER_WITHIN_MS });
  if (status !== 200) throw new Error(`${service} does not tell its resources: ${JSON.stringify(body)}`);
  return body as Resources;
}

function descriptorsOf(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(`/proc/${pid}/fd/${fd}`);
    if (kind) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

/** "socket" of "socket:[123]", "eventpoll" of "anon_inode:[eventpoll]", "file"; undefined for one that was closed meanwhile. */
function kindOf(link: string): string | undefined {
  try {
    const target = readlinkSync(link);
    return /^anon_inode:\[?(\w+)/.exec(target)?.[1] ?? /^(\w+):\[/.exec(target)?.[1] ?? 'file';
  } catch {
    return undefined;
  }
}

/** A database with what is not yet written back into it. */
function megabytes(file: string): number {
  const sizes = ['', '-wal'].map((end) => statSync(file + end, { throwIfNoEntry: false })?.size ?? 0);
  return sum(sizes) / 1e6;
}
