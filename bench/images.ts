import { chmodSync, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { contentOf } from './content.ts';

/** The folder that every contender serves. */
export class Images {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes a file of so many bytes with the content of content.ts, if it is not there yet. @returns its path. */
  file(name: string, bytes: number): string {
    const path = join(this.folder, name);
    if (!existsSync(path)) writeFileSync(path, contentOf(bytes), { mode: 0o644 });
    return path;
  }

  /** Takes a file in, under its own name. @returns its path. @throws Error with its name where it is missing. */
  copy(from: string): string {
    const path = join(this.folder, basename(from));
    copyFileSync(from, path);
    chmodSync(path, 0o644);
    return path;
  }

  /** @returns its path. */
  text(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o644 });
    return path;
  }
}
