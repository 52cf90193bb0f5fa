import { setTimeout as sleep } from 'node:timers/promises';
import { AdapterNews } from './adapter-news.ts';
import { difference } from './config/difference.ts';
import type { Profile } from './config/profile.ts';
import { DEFAULT_BRIDGE, type Resolution, resolve, type Service } from './config/resolve.ts';
import type { Settings } from './config/settings.ts';
import { problemText } from './journal/config-events.ts';
import type { Event, Sink } from './journal/event.ts';
import { unexpected } from './journal/fault.ts';
import { render } from './journal/render.ts';
import { type AdapterFacts, isLocalAddress, listAdapters } from './platform/adapters.ts';
import { ensureBridge } from './platform/bridge.ts';
import type { ControlRoutes } from './platform/control-protocol.ts';
import { portHolder } from './platform/port-holder.ts';
import type { RunningService } from './platform/running.ts';
import type { Ipv4 } from './protocol/ipv4.ts';

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

type BridgeFailed = Extract<Event, { kind: 'config.bridge-failed' }>;

/** A service that was started on a profile, and whether the address that it advertises was this host's then. */
interface Served {
  readonly profile: Profile;
  readonly here: boolean;
}

const LOOK_AGAIN_MS = 1000;
/** Why dhcp cannot go on: it may give addresses of that adapter's subnet on that adapter alone. */
const GONE: Partial<Record<Event['kind'], string>> = {
  'config.adapter-missing': 'has gone away',
  'config.no-address': 'has lost its address',
  'config.is-port': 'has become a port of another one',
};
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
  readonly #news: AdapterNews;
  #bridgeTold = false;

  constructor(options: Supervised) {
    const { sink, settings } = options;
    this.#options = options;
    this.#news = new AdapterNews(sink, settings.ADAPTER === undefined, () => performance.now());
  }

  async problems(): Promise<readonly string[]> {
    if (this.#obstacle !== undefined) return [this.#obstacle];
    const problems = (await this.#running?.problems()) ?? ['starting'];
    const { hindrance } = this.#news;
    return hindrance === undefined ? problems : [hindrance, ...problems];
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
      let anew = false;
      if (resolution.state === 'ready') anew = await this.#serve(resolution, stop, end);
      else if (resolution.state === 'waiting') this.#wait(resolution.event);
      else
        this.#wait(
          { kind: 'config.wrong', problems: resolution.problems },
          resolution.problems.map(problemText).join('; '),
        );
      await pause(stop, anew || performance.now() < first ? LOOK_AGAIN_AT_FIRST_MS : LOOK_AGAIN_MS);
    }
  }

  #resolve(): Resolution {
    const { service, settings, paths } = this.#options;
    try {
      const adapters = listAdapters();
      if (service !== 'dhcp' || settings.ADAPTER !== undefined)
        return resolve(settings, adapters, paths, service);
      const failure = this.#ensureBridge(adapters);
      const resolution = resolve(settings, listAdapters(), paths, service);
      // That it is not there is no news then.
      return failure && resolution.state === 'waiting' ? { state: 'waiting', event: failure } : resolution;
    } catch (error) {
      // Short of descriptors, for one.
      return {
        state: 'waiting',
        event: { kind: 'config.adapters-unknown', reason: (error as Error).message },
      };
    }
  }

  /** @returns true where it is to be started anew at once. */
  async #serve(
    { profile, notes }: Resolution & { state: 'ready' },
    stop: AbortSignal,
    end: AbortSignal,
  ): Promise<boolean> {
    const { service, sink, start } = this.#options;
    const ended = new AbortController();
    const fail = (error: Error) => ended.abort(error);
    let serving = profile;
    try {
      const running = await start(profile, fail, stop);
      this.#running = running;
      serving = running.serving ?? profile;
    } catch (error) {
      if (!stop.aborted) this.#wait(startFault(service, profile, error as NodeJS.ErrnoException));
      return false;
    }
    this.#obstacle = undefined;
    this.#told = '';
    sink({ kind: 'config.serving', service, profile: serving });
    for (const note of notes) sink(note);
    const served = { profile, here: isHere(service, profile) };
    let anew = false;
    while (!stop.aborted && !ended.signal.aborted && !anew) {
      anew = this.#changed(served);
      if (!anew) await pause(stop, LOOK_AGAIN_MS);
    }
    const running = this.#running;
    this.#running = undefined;
    this.#news.clear();
    this.#obstacle = stop.aborted ? 'stopping' : 'starting again';
    try {
      await running.stop(stop.aborted ? end : undefined);
    } catch (error) {
      sink(unexpected(service, error));
    }
    return anew;
  }

  /** What has to happen to a running service, told if anything: true where it has to be started anew. */
  #changed({ profile, here }: Served): boolean {
    const now = this.#resolve();
    const why = this.#whyAnew(profile, now);
    const moved = here !== isHere(this.#options.service, profile, here);
    if (why !== undefined) {
      this.#news.tell({ kind: 'config.adapter-changed', adapter: profile.adapter.name, what: why });
    } else if (moved) {
      const address = othersAddress(this.#options.service, profile);
      this.#news.tell({ kind: 'config.address-moved', address, here: !here });
    } else this.#news.look(now);
    return why !== undefined || moved;
  }

  #whyAnew(profile: Profile, now: Resolution): string | undefined {
    const { service } = this.#options;
    if (now.state === 'ready') return difference(service, profile, now.profile);
    if (service !== 'dhcp') return undefined;
    return now.state === 'wrong' ? 'does not fit the settings any more' : GONE[now.event.kind];
  }

  #ensureBridge(adapters: readonly AdapterFacts[]): BridgeFailed | undefined {
    const { name, address, prefix } = DEFAULT_BRIDGE;
    const there = adapters.find((adapter) => adapter.name === name);
    const hasAddress = (there?.addresses.length ?? 0) > 0;
    const isWhole = there?.up === true && hasAddress;
    try {
      const made = !isWhole && ensureBridge(name, address, prefix, hasAddress);
      if (made || !this.#bridgeTold) {
        const others = adapters.filter((adapter) => adapter.name !== name);
        this.#options.sink({ kind: 'config.own-bridge', adapter: name, made, adapters: others });
      }
      this.#bridgeTold = true;
      return undefined;
    } catch (error) {
      return { kind: 'config.bridge-failed', adapter: name, reason: (error as Error).message };
    }
  }

  #wait(event: Event, obstacle = render(event).text): void {
    this.#obstacle = obstacle;
    // Who holds a port cannot be seen any more while that program ends: no reason to tell of the port again.
    const news = event.kind === 'config.port-busy' ? `port ${event.port}` : obstacle;
    if (this.#told !== news && this.#news.tell(event)) this.#told = news;
  }
}

/** What the service says of TFTP or HTTP may be another host's, or come to this one later than the service. */
function othersAddress(service: Service, { addresses }: Profile): Ipv4 {
  return service === 'http' ? addresses.http : addresses.tftp;
}

/** @param otherwise where the kernel does not tell. */
function isHere(service: Service, profile: Profile, otherwise = true): boolean {
  const address = othersAddress(service, profile);
  if (address === profile.adapter.address) return true;
  try {
    return isLocalAddress(address);
  } catch {
    return otherwise;
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
