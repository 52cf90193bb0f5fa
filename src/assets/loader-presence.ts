import { join } from 'node:path';
import type { Profile } from '../config/profile.ts';
import type { LoaderArchitecture } from '../protocol/pxe/architecture.ts';
import { hasPackaged, isFile } from './packaged.ts';

const LOOK_EVERY_MS = 2000;

/**
 * Which architectures have a loader, in images/ or in the package: a machine is better told at once that there is none than sent
 * to a file that is missing. Looked at every two seconds, since loaders come and go while services run.
 */
export class LoaderPresence {
  readonly #loaders: Profile['loaders'];
  readonly #paths: Pick<Profile['paths'], 'images' | 'loaders'>;
  #present: ReadonlySet<LoaderArchitecture> = new Set();
  #timer: NodeJS.Timeout | undefined;

  constructor(loaders: Profile['loaders'], paths: Pick<Profile['paths'], 'images' | 'loaders'>) {
    this.#loaders = loaders;
    this.#paths = paths;
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  has(architecture: LoaderArchitecture): boolean {
    return this.#present.has(architecture);
  }

  /** Looks now. Never rejects: what cannot be seen is not there. */
  async look(): Promise<void> {
    const all = Object.values(this.#loaders);
    const found = await Promise.all(
      all.map(async ({ architecture, name }) => ((await this.#isThere(name)) ? [architecture] : [])),
    );
    this.#present = new Set(found.flat());
  }

  async #isThere(name: string): Promise<boolean> {
    const { images, loaders } = this.#paths;
    return (await isFile(join(images, name))) || hasPackaged(loaders, name);
  }
}
