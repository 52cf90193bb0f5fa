import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from './config/profile.ts';
import { DEFAULT_BRIDGE, type Resolution, resolve, type Service } from './config/resolve.ts';
import type { Settings } from './config/settings.ts';
import { problemText } from './journal/config-events.ts';
import type { Event, Sink } from './journal/event.ts';
import { render } from './journal/render.ts';
import { findAdapter, listAdapters } from './platform/adapters.ts';
import { ensureBridge } from './platform/bridge.ts';
import type { ControlRoutes } from './platform/control-protocol.ts';
import { portHolder } from './platform/port-holder.ts';
import type { RunningService } from './platform/running.ts';

/**
 * Starts a service on a profile; `failed` tells that it cannot go on and has to be started again, `stop` ends a start that takes long.
 * The profile comes back where something in it was decided only now.
 */
export type Start = (
  profile: Profile,
  failed: (error: Error) => void,
  stop: AbortSignal,
) => Promise<RunningService & { readonly serving?: Profile }>;

export interface Supervised {
  readonly service: Service;
  readonly settings: Settings;
  readonly paths: Profile['paths'];
  readonly sink: Sink;
  readonly start: Start;
}

const LOOK_AGAIN_MS = 1000;
/** Services are started together, and two of them wait for the bridge that the third one makes. */
const LOOK_AGAIN_AT_FIRST_MS = 50;
const AT_FIRST_MS = 5000;

/**
 * Keeps one service on its adapter for as long as the process lives: waits for an adapter, an address or a port that is not there yet,
 * and starts anew when the adapter is re-created or gets another address. Each obstacle is told once.
 */
export class Supervisor {
  readonly #options: Supervised;
  #running: Awaited<ReturnType<Start>> | undefined;
  #obstacle: string | undefined = 'starting';
  #told = '';
  #bridgeTold = false;

  constructor(options: Supervised) {
    this.#options = options;
  }

  async problems(): Promise<readonly string[]> {
    if (this.#obstacle !== undefined) return [this.#obstacle];
    return (await this.#running?.problems()) ?? ['starting'];
  }

  /** What the service answers other services; nothing while it does not run. */
  get control(): ControlRoutes {
    return this.#running?.control ?? {};
  }

  /** How dhcp serves its adapter, once that is decided. */
  get mode(): 'server' | 'proxy' | undefined {
    const mode = this.#running?.serving?.mode;
    return mode === 'auto' ? undefined : mode;
  }

  /** Resolves when `stop` is aborted and the service has ended; what is under way then has time until `end` is aborted. */
  async run(stop: AbortSignal, end: AbortSignal): Promise<void> {
    const first = performance.now() + AT_FIRST_MS;
    while (!stop.aborted) {
      const resolution = this.#resolve();
      if (resolution.state === 'ready') await this.#serve(resolution, stop, end);
      else if (resolution.state === 'waiting') this.#wait(resolution.event);
      else
        this.#wait(
          { kind: 'config.wrong', problems: resolution.problems },
          resolution.problems.map(problemText).join('; '),
        );
      await pause(stop, performance.now() < first ? LOOK_AGAIN_AT_FIRST_MS : LOOK_AGAIN_MS);
    }
  }

  #resolve(): Resolution {
    const { service, settings, paths } = this.#options;
    if (service === 'dhcp' && settings.ADAPTER === undefined) this.#ensureBridge();
    return resolve(settings, listAdapters(), paths, service);
  }

  async #serve(
    { profile, notes }: Resolution & { state: 'ready' },
    stop: AbortSignal,
    end: AbortSignal,
  ): Promise<void> {
    const { service, sink, start } = this.#options;
    const ended = new AbortController();
    const fail = (error: Error) => ended.abort(error);
    let serving = profile;
    try {
      const running = await start(profile, fail, stop);
      this.#running = running;
      serving = running.serving ?? profile;
    } catch (error) {
      if (stop.aborted) return;
      return this.#wait(startFault(service, profile, error as NodeJS.ErrnoException));
    }
    this.#obstacle = undefined;
    this.#told = '';
    sink({ kind: 'config.serving', service, profile: serving });
    for (const note of notes) sink(note);
    while (!stop.aborted && !ended.signal.aborted && !this.#changed(profile))
      await pause(stop, LOOK_AGAIN_MS);
    const running = this.#running;
    this.#running = undefined;
    if (stop.aborted) this.#obstacle = 'stopping';
    await running.stop(stop.aborted ? end : undefined);
  }

  /** dhcp's socket is deaf once its adapter has another index; tftp and http, bound to an address, need only that. */
  #changed(profile: Profile): boolean {
    const { service, sink } = this.#options;
    const { name, index, address, subnet, mtu } = profile.adapter;
    const now = findAdapter(name);
    const what = () => {
      if (!now) return service === 'dhcp' ? 'has gone away' : undefined;
      if (service === 'dhcp' && now.index !== index) return 'was made anew';
      const same = now.addresses.some((own) => own.address === address && own.prefix === subnet.prefix);
      if (now.addresses.length > 0 && !same) return 'has another address or mask';
      if (now.addresses.length === 0 && service === 'dhcp') return 'has lost its address';
      return now.mtu === mtu ? undefined : `has another MTU, ${now.mtu}`;
    };
    const change = what();
    if (change) sink({ kind: 'config.adapter-changed', adapter: name, what: change });
    return change !== undefined;
  }

  #ensureBridge(): void {
    const { name, address, prefix } = DEFAULT_BRIDGE;
    const there = findAdapter(name);
    const hasAddress = (there?.addresses.length ?? 0) > 0;
    try {
      const made = !(there?.up && hasAddress) && ensureBridge(name, address, prefix, hasAddress);
      if (made || !this.#bridgeTold) {
        const adapters = listAdapters().filter((adapter) => adapter.name !== name);
        this.#options.sink({ kind: 'config.own-bridge', adapter: name, made, adapters });
      }
      this.#bridgeTold = true;
    } catch (error) {
      this.#wait({ kind: 'config.bridge-failed', adapter: name, reason: (error as Error).message });
    }
  }

  #wait(event: Event, obstacle = render(event).text): void {
    this.#obstacle = obstacle;
    // Who holds a port cannot be seen any more while that program ends: no reason to tell of the port again.
    const news = event.kind === 'config.port-busy' ? `port ${event.port}` : obstacle;
    if (this.#told === news) return;
    this.#told = news;
    this.#options.sink(event);
  }
}

const PORTS = { dhcp: 67, tftp: 69, http: undefined } as const;

function startFault(
  service: Service,
  profile: Profile,
  error: NodeJS.ErrnoException & { port?: number },
): Event {
  const port = error.port ?? PORTS[service] ?? profile.httpPort;
  const protocol = service === 'http' ? 'TCP' : 'UDP';
  if (error.code === 'EADDRINUSE')
    return { kind: 'config.port-busy', service, port, protocol, holder: portHolder(protocol, port) };
  if (error.code === 'EACCES' && /bind|listen/.test(error.syscall ?? ''))
    return { kind: 'config.port-denied', service, port, protocol };
  return { kind: 'config.start-failed', service, reason: error.message };
}

async function pause(stop: AbortSignal, milliseconds: number): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined);
}
