import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import {
  fetchLoader,
  LoaderError,
  type LoaderRequest,
  loaderPath,
  type TftpRead,
} from './assets/loader-fetch.ts';
import type { Profile } from './config/profile.ts';
import type { Service } from './config/resolve.ts';
import type { Sink } from './journal/event.ts';
import { systemClock } from './platform/clock.ts';
import type { ControlHealth } from './platform/control-protocol.ts';
import type { Start } from './supervise.ts';
import { readBack } from './tftp/probe.ts';

const readTftp: TftpRead = ({ host, port, file }) =>
  readBack(host, port, file, { timeoutMs: TFTP_SOURCE_MS });
const TFTP_SOURCE_MS = 120_000;

/** What a service takes from its process, besides what its profile says. */
export interface Surroundings {
  /** API_TOKEN: a secret, so it is in no profile. */
  readonly token: string | undefined;
  /** HTTP_WORKERS: how many threads answer HTTP; undefined: as suits the processors. */
  readonly threads: number | undefined;
  /** JOURNAL: whether what happens is recorded, and shown. */
  readonly journal: boolean;
  /** How the process's own service is. */
  readonly health: () => Promise<ControlHealth>;
}

/** How each service is put together from its parts; loads only the parts of the one that is started. */
export function starters(sink: Sink, surroundings: Surroundings): Record<Service, Start> {
  const clock = systemClock;
  return {
    async dhcp(profile, failed, stop) {
      const [{ startDhcp }, { RouterAdvertiser }] = await Promise.all([
        import('./dhcp/service.ts'),
        import('./dhcp/router-advertiser.ts'),
      ]);
      // Where it cannot be made, that is told as of any disk that cannot be written.
      await mkdir(profile.paths.state, { recursive: true }).catch(() => undefined);
      const dhcp = await startDhcp({ profile, clock, sink, failed, stop });
      const advertiser = new RouterAdvertiser(profile.adapter, clock, sink);
      if (profile.routerAdvertisements) advertiser.start();
      return {
        serving: dhcp.serving,
        problems: () => dhcp.problems(),
        control: dhcp.control ?? {},
        stop() {
          advertiser.stop();
          return dhcp.stop();
        },
      };
    },

    async tftp(profile) {
      const [{ startTftp }, { LoaderKeeper }, { openImages }] = await Promise.all([
        import('./tftp/service.ts'),
        import('./assets/loader-keep.ts'),
        import('./assets/images.ts'),
      ]);
      const { images, loaders } = profile.paths;
      await mkdir(images, { recursive: true });
      const tftp = await startTftp({ profile, clock, sink, assets: openImages({ images, loaders }, sink) });
      const keepers = Object.values(profile.loaders).map(
        (loader) => new LoaderKeeper({ loader, images, loaders, sink, readTftp }),
      );
      for (const keeper of keepers) keeper.start();
      return {
        async stop(end) {
          await Promise.all([tftp.stop(end), ...keepers.map((keeper) => keeper.stop())]);
        },
        async problems() {
          const health = await tftp.health();
          return health.state === 'ok' ? [] : [health.problem];
        },
      };
    },

    async http(profile) {
      const [{ startHttp }, { threadsFor }, { Observer }, { unobserved }] = await Promise.all([
        import('./http/service.ts'),
        import('./http/workers/thread-count.ts'),
        import('./http/observer/observer.ts'),
        import('./http/observer/observed.ts'),
      ]);
      const { images, state } = profile.paths;
      await mkdir(images, { recursive: true });
      const threads = surroundings.threads ?? threadsFor(availableParallelism());
      const observer = surroundings.journal ? new Observer({ state, sink, now: clock.millis }) : undefined;
      const observed = observer ?? unobserved;
      const http = await startHttp({ profile, clock, sink, observed, ...surroundings, threads });
      observer?.start();
      return {
        async stop(end) {
          await Promise.all([http.stop(end), observer?.stop()]);
        },
        problems: () => http.problems(),
      };
    },
  };
}

/**
 * `pull`: fetches the loaders now, whatever is in images/, and says how it went.
 * @returns false where one failed; what was there before is untouched then.
 */
export async function pull(
  loaders: Profile['loaders'],
  images: string,
  sink: Sink,
  signal: AbortSignal,
): Promise<boolean> {
  await mkdir(images, { recursive: true });
  const pulled = await Promise.all(
    Object.values(loaders).map((loader) => pullOne({ loader, images }, sink, signal)),
  );
  return !pulled.includes(false);
}

async function pullOne(request: LoaderRequest, sink: Sink, signal: AbortSignal): Promise<boolean> {
  const { name, url } = request.loader;
  sink({ kind: 'asset.loader.fetching', url, attempt: 1 });
  try {
    const bytes = await fetchLoader(request, readTftp, signal);
    sink({ kind: 'asset.loader.fetched', url, path: loaderPath(request), bytes });
    return true;
  } catch (error) {
    if (!(error instanceof LoaderError)) throw error;
    sink({ kind: 'asset.loader.pull-failed', reason: error.code, message: error.message, name });
    return false;
  }
}
