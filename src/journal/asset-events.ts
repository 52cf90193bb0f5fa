import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import { debug, error, info, type Texts, warn } from './line.ts';

export type AssetEvent =
  /** The loader is in images/ and looks right. */
  | { readonly kind: 'asset.loader.ready'; readonly path: string }
  /** What the user put there does not look like a loader; it is served all the same. */
  | { readonly kind: 'asset.loader.odd'; readonly path: string; readonly trouble: string }
  | { readonly kind: 'asset.loader.fetching'; readonly url: string; readonly attempt: number }
  | {
      readonly kind: 'asset.loader.fetched';
      readonly url: string;
      readonly path: string;
      readonly bytes: number;
    }
  | {
      readonly kind: 'asset.loader.failed';
      readonly name: string;
      readonly architecture: LoaderArchitecture;
      readonly reason: 'source' | 'content' | 'folder';
      readonly message: string;
      readonly attempt: number;
      /** Milliseconds. */
      readonly retryIn: number;
      /** A packaged loader of that name stands in. */
      readonly packaged: boolean;
    }
  /** `pull` was called by hand and failed. */
  | {
      readonly kind: 'asset.loader.pull-failed';
      readonly name: string;
      readonly reason: 'source' | 'content' | 'folder';
      readonly message: string;
    }
  /** images/ has no such loader, so the packaged one was given; said once, until images/ has it. */
  | {
      readonly kind: 'asset.loader.packaged';
      readonly name: string;
      readonly images: string;
      readonly loaders: string;
    };

const RARE: readonly LoaderArchitecture[] = ['ia32', 'arm32'];

/** Attempts after the first are all alike: they are for the curious. */
const LOUD_ATTEMPTS = 1;

export const assetTexts: Texts<AssetEvent> = {
  'asset.loader.ready': ({ path }) => info(`loader ${path} is there`),
  'asset.loader.odd': ({ path, trouble }) =>
    warn(
      `loader ${path} is served as it is, but machines will probably not start it: it ${trouble}. ` +
        `Delete it, and a good one is fetched at the next start`,
    ),
  'asset.loader.fetching': ({ url, attempt }) => debug(`fetching the loader from ${url}, attempt ${attempt}`),
  'asset.loader.fetched': ({ url, path, bytes }) =>
    info(`loader fetched from ${url}: ${path}, ${bytes} bytes`),
  'asset.loader.failed': ({ name, architecture, message, attempt, retryIn, packaged }) =>
    // Few labs have machines of 32 bits: where one comes, dhcp says what it lacks.
    (attempt <= LOUD_ATTEMPTS && !RARE.includes(architecture) ? warn : debug)(
      `${name} could not be fetched: ${message}. ` +
        (packaged ? 'Machines get the packaged one' : 'Machines that need it cannot boot') +
        ` until it is; next attempt (${attempt + 1}) in ${Math.round(retryIn / 1000)} s, then less and less often`,
    ),
  'asset.loader.pull-failed': ({ message, name }) =>
    error(`${name} could not be fetched: ${message}. What was in images/ is untouched`),
  'asset.loader.packaged': ({ name, images, loaders }) =>
    info(`serving the packaged ${name} from ${loaders}, because ${images} has none`),
};
