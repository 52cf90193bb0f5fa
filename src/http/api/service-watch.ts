import type { Service } from '../../config/resolve.ts';
import type { Run } from '../../journal/recorded.ts';
import { askControl } from '../../platform/control-client.ts';
import { type ControlAnswer, type ControlHealth, controlSocket } from '../../platform/control-protocol.ts';
import { healthIn } from '../../platform/health.ts';
import { recent } from '../../platform/recent.ts';
import type { Health, ServiceHealth } from './shapes.ts';

export interface WatchOptions {
  /** STATE_DIR: where the services' sockets are. */
  readonly state: string;
  /** How http itself is. */
  readonly own: () => Promise<ControlHealth>;
  readonly observed: {
    coverage(): Promise<{ readonly runs: readonly Run[] }>;
    problems(): Promise<readonly string[]>;
  };
  readonly monotonic: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ANSWER_WITHIN_MS = 1000;
/** What changes the leases waits for the disk. */
const CHANGE_WITHIN_MS = 10_000;
const RECENT = { fresh: 1000, stale: 3000 };
const SERVICES: readonly Service[] = ['dhcp', 'tftp', 'http'];

type Found = ControlHealth | { readonly reason: string };

/** The three services as http sees them over their sockets. */
export class ServiceWatch {
  readonly #options: WatchOptions;
  readonly #found: () => Promise<ReadonlyMap<Service, Found>>;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { own, monotonic } = options;
    this.#found = recent(
      async () => {
        const found = SERVICES.map(async (service) => [service, await this.#look(service, own)] as const);
        return new Map(await Promise.all(found));
      },
      RECENT,
      monotonic,
    );
  }

  /** What all of them say of themselves, no older than it takes to ask again. Never rejects. */
  async health(): Promise<Health> {
    const { observed, now } = this.#options;
    const [found, { runs }, problems] = await Promise.all([
      this.#found(),
      // Without the journals "silent" cannot be told from "missing"; what is wrong with them is among the problems.
      observed.coverage().catch(() => ({ runs: [] })),
      observed.problems(),
    ]);
    const journals = [...found.values()].flatMap((health) => ('reason' in health ? [] : health.journal));
    return {
      services: [...found].map(([service, health]) => viewOf(service, health, lastRun(runs, service), now())),
      journal: [...new Set([...problems, ...journals])],
    };
  }

  /** How dhcp serves; undefined where it does not answer, or has not decided. */
  async mode(): Promise<'server' | 'proxy' | undefined> {
    const dhcp = (await this.#found()).get('dhcp');
    return dhcp && 'mode' in dhcp ? dhcp.mode : undefined;
  }

  /** Asks dhcp to do something. Never rejects. */
  askDhcp(path: string, body: unknown): Promise<ControlAnswer> {
    const file = controlSocket(this.#options.state, 'dhcp');
    return askControl({ file, service: 'dhcp', method: 'POST', path, body, timeoutMs: CHANGE_WITHIN_MS });
  }

  async #look(service: Service, own: () => Promise<ControlHealth>): Promise<Found> {
    if (service === 'http') return own();
    const file = controlSocket(this.#options.state, service);
    const call = { file, service, method: 'GET', path: '/status', timeoutMs: ANSWER_WITHIN_MS } as const;
    return healthIn(await askControl(call), service);
  }
}

function lastRun(runs: readonly Run[], service: Service): Run | undefined {
  return runs
    .filter((run) => run.service === service)
    .toSorted((a, b) => a.seen - b.seen)
    .at(-1);
}

/** One that does not answer was stopped (its journal says goodbye), never ran, or has been killed or cut off. */
function viewOf(service: Service, found: Found, run: Run | undefined, now: number): ServiceHealth {
  if (!('reason' in found)) {
    const { problems, since } = found;
    return { service, state: problems.length === 0 ? 'running' : 'failing', problems, since, seen: now };
  }
  const state = run && !run.ended ? 'silent' : 'missing';
  return { service, state, problems: [found.reason], ...(run ? { seen: run.seen } : {}) };
}
