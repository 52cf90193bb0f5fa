import { type FSWatcher, statSync, watch } from 'node:fs';

interface Watched {
  readonly watcher: FSWatcher;
  /** Device, inode and birth (inodes are used again): a folder that was made anew is another one, for which its watcher is deaf. */
  readonly identity: string;
}

/**
 * Tells whether anything in some folders may have changed, as far as the kernel says so (inotify). Where it cannot be had at all, all may
 * have changed at any time; changes that other hosts make on a shared file system are not told.
 */
export class FolderWatch {
  readonly #root: string;
  readonly #below: readonly string[];
  readonly #watched = new Map<string, Watched>();
  readonly #told: () => void;
  #changed = true;

  /**
   * `below` are folders in `root` that may be missing: that they appear is a change of the root. `told` is called whenever something may
   * have changed.
   */
  constructor(root: string, below: readonly string[] = [], told: () => void = () => undefined) {
    this.#root = root;
    this.#below = below;
    this.#told = told;
  }

  /** True where something may have changed since reset(). */
  get changed(): boolean {
    return this.#changed;
  }

  /** Before the folders are looked at. */
  reset(): void {
    const heard = [this.#root, ...this.#below].map((folder) => this.#hears(folder));
    this.#changed = heard.includes('deaf') || heard[0] === 'missing';
  }

  stop(): void {
    for (const folder of [...this.#watched.keys()]) this.#forget(folder);
    this.#change();
  }

  #hears(folder: string): 'hears' | 'missing' | 'deaf' {
    const identity = identityOf(folder);
    if (identity !== undefined && this.#watched.get(folder)?.identity === identity) return 'hears';
    this.#forget(folder);
    if (identity === undefined) return 'missing';
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#change());
      watcher.on('error', () => {
        this.#change();
        this.#forget(folder);
      });
      this.#watched.set(folder, { watcher, identity });
      return 'hears';
    } catch {
      return 'deaf';
    }
  }

  #change(): void {
    this.#changed = true;
    this.#told();
  }

  #forget(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}

/** Undefined where there is none, or the disk does not tell: whoever reads it then says why. */
function identityOf(folder: string): string | undefined {
  try {
    const stats = statSync(folder, { bigint: true });
    return stats.isDirectory() ? `${stats.dev}-${stats.ino}-${stats.birthtimeNs}` : undefined;
  } catch {
    return undefined;
  }
}
