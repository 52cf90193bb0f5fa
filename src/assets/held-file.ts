import { type FileHandle, readlink } from 'node:fs/promises';
import { type Stamp, versionOf } from './version.ts';

/** An open file that can tell whether its content is still what it was when it was opened. */
export class HeldFile {
  readonly handle: FileHandle;
  readonly version: Stamp;
  #key: string;
  #seenAt: string;

  /** @param place where it lay when it was opened, as {@link placeOf} tells. */
  constructor(handle: FileHandle, place: string, version: Stamp) {
    this.handle = handle;
    this.version = version;
    this.#key = version.key;
    this.#seenAt = place;
  }

  /**
   * To be asked after each read: Linux stamps a file before it writes to it, so what was read before an equal stamp is of that version.
   * `cp -p` and `rsync --inplace -t` set the time of modification back, and leave the time of change to tell.
   */
  async isUnchanged(): Promise<boolean> {
    const { key, written } = versionOf(await this.handle.stat({ bigint: true }));
    if (key === this.#key) return true;
    if (written !== this.version.written) return false;
    // Renamed, replaced or deleted: that is stamped too, and leaves the content as it is.
    const place = await placeOf(this.handle);
    if (key === this.#key) return true;
    if (place === this.#seenAt) return false;
    this.#key = key;
    this.#seenAt = place;
    return true;
  }
}

/** Where an open file lies at this moment; " (deleted)" behind it where it has been replaced or deleted. */
export function placeOf(handle: FileHandle): Promise<string> {
  return readlink(doorOf(handle));
}

/** The kernel's own link to an open file: whoever opens that opens this file, whatever has become of its name. */
export function doorOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}
